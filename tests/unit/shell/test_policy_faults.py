import ast
from pathlib import Path

import pytest

from sealwatch.risk import proof
from sealwatch.shell.policy_documents import load_version
from sealwatch.shell.policy_faults import of_proof

DOCUMENT = load_version().document
# Faults of the model that no document can have: the loader makes both tables from one part of it.
NOT_OF_A_DOCUMENT = ("opinion classes without a weight",)


def told(node):
    """Return the text of a reason, with an X for what is filled in."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(part.value if isinstance(part, ast.Constant) else "X" for part in parts)


REASONS = [
    told(node.value)
    for node in ast.walk(ast.parse(Path(proof.__file__).read_text()))
    if isinstance(node, ast.Yield) and not told(node.value).startswith(NOT_OF_A_DOCUMENT)
]


def test_the_proof_has_reasons_to_look_at():
    assert len(REASONS) > 20


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_the_proof_has_a_place_in_the_document(reason):
    faults = of_proof(f"policy {DOCUMENT['version']}: {reason}", DOCUMENT)

    assert faults
    assert all(fault.path.startswith("/") for fault in faults)


def test_a_reason_that_nobody_placed_points_at_the_whole_document_and_is_not_lost():
    [fault] = of_proof(f"policy {DOCUMENT['version']}: the moon is full", DOCUMENT)

    assert fault == ("", "the moon is full")
