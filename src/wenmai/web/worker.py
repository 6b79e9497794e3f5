"""The process that runs jobs: `python -m wenmai.web.worker`."""

import logging
import os

import django


def tidy() -> None:
    """Between jobs: deliver events whose delivery a crash cut off, delete exports past their time."""
    from wenmai.office.events.services import deliver
    from wenmai.office.kit.exports import clear_expired

    try:
        deliver()
        clear_expired()
    except Exception:  # the worker's first duty is the jobs
        logging.getLogger(__name__).exception("tidying failed")


def main() -> None:
    """Set up and work until stopped."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wenmai.web.settings")
    django.setup()
    from wenmai.office.jobs.services import work

    work(idle=tidy)


if __name__ == "__main__":
    main()
