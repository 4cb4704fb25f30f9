"""Examines a phone: everything interventions need of it, what was found, and how to mend what is amiss."""

from backend.phones.doctor.examination import run_doctor
from backend.phones.doctor.registry import CheckResult, Status

__all__ = ["CheckResult", "Status", "run_doctor"]
