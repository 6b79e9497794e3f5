"""Addresses of access: organisations, logins, delegations, authorisations."""

from django.urls import path

from wenmai.web import access, standing_in

urlpatterns = [
    path("organisations/", access.organisation_list, name="organisations"),
    path("organisations/add", access.organisation_add, name="organisation-add"),
    path("organisations/<int:organisation_id>/use", access.organisation_use, name="organisation-use"),
    path("accounts/", access.account_list, name="accounts"),
    path("accounts/add", access.account_add, name="account-add"),
    path("accounts/<int:user_id>/", access.account, name="account"),
    path("accounts/<int:user_id>/place", access.place, name="account-place"),
    path("accounts/<int:user_id>/role", access.role, name="account-role"),
    path("accounts/<int:user_id>/assign", access.assign, name="account-assign"),
    path("accounts/<int:user_id>/end", access.end, name="account-end"),
    path("accounts/<int:user_id>/use", access.use, name="account-use"),
    path("accounts/<int:user_id>/factor", access.factor, name="account-factor"),
    path("accounts/<int:user_id>/reset", access.reset, name="account-reset"),
    path("delegations/", standing_in.delegations, name="delegations"),
    path("delegations/give", standing_in.delegate, name="delegate"),
    path("delegations/<int:delegation_id>/revoke", standing_in.delegation_revoke, name="delegation-revoke"),
    path("consents/", standing_in.consents, name="consents"),
    path("consents/add", standing_in.consent_add, name="consent-add"),
    path("consents/<int:consent_id>/withdraw", standing_in.consent_withdraw, name="consent-withdraw"),
    path("consents/<int:consent_id>/document", standing_in.consent_document, name="consent-document"),
]
