"""What every model family keeps to, as checks that a family's own tests can run::

    import pytest
    from interventions.models.conformance import CHECKS, Check, Subject
    from my_package import MyFamily

    @pytest.fixture(scope="module")
    def subject(tmp_path_factory):
        return Subject(MyFamily, tmp_path_factory.mktemp("saved"))

    @pytest.mark.parametrize("check", CHECKS, ids=str)
    def test_my_family_conforms(check: Check, subject: Subject) -> None:
        if reason := check.not_for(subject):
            pytest.skip(reason)
        check(subject)

A check raises AssertionError, and needs scikit-learn installed. Families that learn are fitted on a few items with the
parameters in their `quick`; those that come trained are taken as they are.
"""

from interventions.models.conformance.contract import CHECKS as _CONTRACT
from interventions.models.conformance.inputs import CHECKS as _INPUTS
from interventions.models.conformance.learning import CHECKS as _LEARNING
from interventions.models.conformance.saving import CHECKS as _SAVING
from interventions.models.conformance.subject import Check, Subject
from interventions.models.conformance.verdicts import CHECKS as _VERDICTS

CHECKS: tuple[Check, ...] = (*_CONTRACT, *_VERDICTS, *_INPUTS, *_LEARNING, *_SAVING)

__all__ = ["CHECKS", "Check", "Subject"]
