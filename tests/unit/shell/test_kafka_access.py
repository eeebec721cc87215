import ssl

import pytest
from pydantic import SecretStr

from sealwatch.errors import Misconfigured
from sealwatch.shell.kafka import Access, access_of
from sealwatch.shell.kafka.access import address_of, options
from sealwatch.shell.settings import TopicsSettings, load

PLAIN = {"SEALWATCH_KAFKA_BOOTSTRAP": "broker:9093"}
LOGIN = {"SEALWATCH_KAFKA_USERNAME": "sealwatch", "SEALWATCH_KAFKA_PASSWORD": "hidden"}


def settings(**said):
    told = {f"SEALWATCH_KAFKA_{name.upper()}": value for name, value in said.items()}
    return load(TopicsSettings, PLAIN | told)


def told(**said):
    return options(access_of(settings(**said)))


def test_an_address_alone_is_spoken_to_in_plain_text():
    assert options("broker:9093") == told()
    assert told() == {
        "bootstrap_servers": "broker:9093",
        "security_protocol": "PLAINTEXT",
        "ssl_context": None,
    }


def test_tls_checks_the_certificate_and_the_name():
    found = told(security_protocol="SSL")

    assert found["security_protocol"] == "SSL"
    assert found["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert found["ssl_context"].check_hostname


def test_authorities_of_our_own_take_the_place_of_those_of_the_system(tmp_path):
    ours = tmp_path / "ca.pem"
    ours.write_text(AUTHORITY)

    found = told(security_protocol="SSL", ca_file=str(ours))["ssl_context"].get_ca_certs()

    assert [dict(part[0] for part in one["subject"])["commonName"] for one in found] == ["ours"]


@pytest.mark.parametrize(("protocol", "encrypted"), [("SASL_PLAINTEXT", False), ("SASL_SSL", True)])
def test_a_login_reaches_the_client(protocol, encrypted):
    found = told(security_protocol=protocol, username="sealwatch", password="hidden")  # noqa: S106  # not real

    assert found["security_protocol"] == protocol
    assert found["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (found["sasl_plain_username"], found["sasl_plain_password"]) == ("sealwatch", "hidden")
    assert (found["ssl_context"] is not None) == encrypted


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_read_are_named(tmp_path, content):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)

    with pytest.raises(Misconfigured, match=r"KAFKA_CA_FILE: .*ca\.pem"):
        told(security_protocol="SSL", ca_file=str(file))


@pytest.mark.parametrize(
    "said",
    [
        {"security_protocol": "SASL_SSL"},
        {"security_protocol": "SASL_SSL", "username": "sealwatch"},
        {"security_protocol": "SASL_SSL", "password": "hidden"},
        {"security_protocol": "SSL", "password": "hidden"},
        {"username": "sealwatch", "password": "hidden"},
        {"ca_file": "ca.pem"},
        {"security_protocol": "TLS"},
    ],
)
def test_security_that_is_only_half_said_is_refused_without_the_password(said):
    with pytest.raises(Misconfigured) as refused:
        settings(**said)

    assert "KAFKA_" in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_the_password_is_never_shown():
    found = settings(security_protocol="SASL_SSL", username="sealwatch", password="hidden")  # noqa: S106  # not real

    assert found.kafka_password == SecretStr("hidden")
    assert "hidden" not in f"{found!r} {access_of(found)!r}"
    assert address_of(Access("broker:9093")) == address_of("broker:9093") == "broker:9093"


AUTHORITY = """\
-----BEGIN CERTIFICATE-----
MIIBdTCCARugAwIBAgIUDICxrd0+y9+VHvIc57oeUNq4bdUwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEb3VyczAgFw0yNjExMjUxMzU0MDBaGA8yMTI2MTEwMTEzNTQw
MFowDzENMAsGA1UEAwwEb3VyczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNmF
zS5q5Vv/1IcYpALfa64UMYOhsom2p8c06/KAjzIKeLdL401rgombe2MWevmomAr3
CJ4awBA6vA5T4F8PFw6jUzBRMB0GA1UdDgQWBBS+/wn4auNrmLC9Cow9fZqnXISv
kjAfBgNVHSMEGDAWgBS+/wn4auNrmLC9Cow9fZqnXISvkjAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0gAMEUCIQCajk2kyb1AYwIPfDpUyqdts2WL8Ai/dt6L
vqlaizvavQIgITLPOgp98Jjr4mLxBt0mp3n2RGjORF6nOVcOU5rha9E=
-----END CERTIFICATE-----
"""
