"""Section F of the reliability study: addresses that must never be reached by a webhook."""

import pytest

from sealwatch.shell.addresses import NotAllowed, check_addresses, check_text, check_url

REFUSED = [
    "http://good.example.com/",
    "ftp://good.example.com/",
    "file:///etc/passwd",
    "gopher://good.example.com/",
    "unix:/run/docker.sock",
    "https://user:pw@good.example.com/",
    "https://good.example.com:22/",
    "https://good.example.com:25/",
    "https://good.example.com:6379/",
    "https://good.example.com:9092/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://0177.0.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://169.254.169.254/",
    "https://10.0.0.1/",
    "https://100.64.0.1/",
    "https://100.100.100.200/",
    "https://192.0.0.8/",
    "https://192.88.99.1/",
    "https://224.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:7f00:1::]/",
    "https://[::127.0.0.1]/",
    "https://[fec0::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1%25eth0]/",
    "https://127.0.0.1\\@good.example.com/",
    "https://good.example.com\\@127.0.0.1/",
    "https://good.example.com\t.evil.example.com/",
    "https://good.example.com:99999/",
    "https://alerts/",
    "https://kafka.internal/",
    "https:///path",
    "https://good.example.com/" + "a" * 2024,
]


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_leads_inside_or_reads_two_ways_is_refused(url):
    with pytest.raises(NotAllowed, match=r"^url_not_allowed$"):
        check_text(url)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://hooks.example.com/in?key=1", "hooks.example.com"),
        ("https://HOOKS.example.com:8443/", "hooks.example.com"),
        ("https://xn--fiqs8s.example.cn/", "xn--fiqs8s.example.cn"),
        ("https://8.8.8.8/", "8.8.8.8"),
        ("https://[2606:4700::1111]/", "2606:4700::1111"),
    ],
)
def test_an_ordinary_public_address_is_allowed(url, host):
    assert check_text(url) == host


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["8.8.8.8", "10.0.0.1"],
        ["8.8.8.8", "fd00::1"],
        ["8.8.8.8", "::ffff:10.0.0.1"],
        [f"8.8.{n}.8" for n in range(17)],
        [],
    ],
)
def test_one_closed_address_or_too_many_refuse_a_name(addresses):
    with pytest.raises(NotAllowed):
        check_addresses(addresses)


def test_a_name_with_public_addresses_only_is_allowed():
    check_addresses(["8.8.8.8", "2606:4700::1111"])


async def test_the_local_stack_may_reach_its_own_receiver():
    await check_url("http://127.0.0.1:9000/hook", allow_private=True)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://", "http://127.0.0.1/" + "a" * 2048])
async def test_even_there_it_must_be_a_web_address(url):
    with pytest.raises(NotAllowed):
        await check_url(url, allow_private=True)
