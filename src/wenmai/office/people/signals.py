"""What happens to logins, told upwards: the log of actions stands above people and listens.

Django tells of logins, logouts and failures itself; these are the rest. Each is sent with `user` or `name`."""

from django.dispatch import Signal

login_locked = Signal()  # name, request, limit: which counter is full
password_changed = Signal()  # user
user_created = Signal()  # user, actor
access_changed = Signal()  # verb, subject, payload, actor: organisations, assignments, delegations, consents
