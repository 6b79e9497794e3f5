"""The process that runs jobs: `python -m wenmai.web.worker`."""

import os

import django


def main() -> None:
    """Set up and work until stopped."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wenmai.web.settings")
    django.setup()
    from wenmai.office.jobs.services import work

    work()


if __name__ == "__main__":
    main()
