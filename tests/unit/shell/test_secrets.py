"""Secrets at rest."""

import pytest
from cryptography.fernet import Fernet

from sealwatch.errors import Misconfigured
from sealwatch.shell.secrets import Seal


def test_a_sealed_secret_opens_again_and_does_not_show():
    seal = Seal(Fernet.generate_key().decode())

    sealed = seal.seal(b"whsec_abc")

    assert seal.open(sealed) == b"whsec_abc"
    assert b"whsec_abc" not in sealed


def test_another_key_does_not_open_it():
    sealed = Seal(Fernet.generate_key().decode()).seal(b"whsec_abc")

    with pytest.raises(Misconfigured, match="another key"):
        Seal(Fernet.generate_key().decode()).open(sealed)


def test_a_bad_key_is_refused_without_being_shown():
    with pytest.raises(Misconfigured) as refused:
        Seal("hunter2")

    assert "hunter2" not in str(refused.value)
