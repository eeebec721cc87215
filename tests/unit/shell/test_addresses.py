"""Section F of the reliability study: addresses that must never be reached by a webhook."""

import pytest

from sealwatch.shell.addresses import NotAllowed, check_addresses, check_text, check_url, ours_of

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
    "https://good.example.com:0/",
    "https://168.63.129.16/",
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


LOCAL_TOO = [
    "http://good.example.com/",
    "http://localhost:9000/",
    "http://LOCALHOST:9000/",
    "http://127.0.0.1:9000/hook",
    "https://127.0.0.1/",
    "http://10.0.0.1/",
    "http://172.16.0.1:8080/",
    "http://192.168.1.1:8080/",
    "http://[::1]:9000/",
    "https://[fd12:3456::1]/",
    "http://receiver:9000/",
]
STILL_REFUSED = [
    "",
    "http://",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "unix:/run/docker.sock",
    "http://user:pw@127.0.0.1:9000/",
    "http://user@127.0.0.1:9000/",
    "https://user:pw@good.example.com/",
    "http://127.0.0.1:22/",
    "http://127.0.0.1:25/",
    "http://127.0.0.1:5432/",
    "http://127.0.0.1:6379/",
    "http://127.0.0.1:9092/",
    "http://127.0.0.1:0/",
    "http://localhost./",
    "http://127.1/",
    "http://0177.0.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0/",
    "http://0.0.0.0/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://169.254.169.254/",
    "http://168.63.129.16/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://192.0.0.8/",
    "http://192.88.99.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:7f00:1::]/",
    "http://[::127.0.0.1]/",
    "http://[fec0::1]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fd00:ec2::254]/",
    "http://[fd20:ce::254]/",
    "http://127.0.0.1\\@good.example.com/",
    "http://127.0.0.1:9000/" + "a" * 2027,
]


@pytest.mark.parametrize("url", LOCAL_TOO)
def test_the_local_stack_may_reach_loopback_and_private_addresses(url):
    assert check_text(url, allow_private=True)


@pytest.mark.parametrize("url", STILL_REFUSED)
def test_even_there_no_other_special_address_and_no_credentials(url):
    with pytest.raises(NotAllowed, match=r"^url_not_allowed$"):
        check_text(url, allow_private=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::1", "fd12:3456::1", "8.8.8.8"])
def test_there_a_name_may_lead_near(address):
    check_addresses([address], allow_private=True)


@pytest.mark.parametrize(
    "addresses",
    [
        ["169.254.169.254"],
        ["127.0.0.1", "169.254.169.254"],
        ["8.8.8.8", "10.0.0.1"],
        ["8.8.8.8", "fd00::1"],
        ["100.64.0.1"],
        ["fe80::1"],
        ["fd00:ec2::254"],
        ["0.0.0.0"],  # noqa: S104  # an address to refuse, not one to listen on
        ["::ffff:127.0.0.1"],
        [f"10.0.{n}.1" for n in range(17)],
        [],
    ],
)
def test_even_there_a_name_leads_nowhere_else_and_not_both_ways(addresses):
    with pytest.raises(NotAllowed):
        check_addresses(addresses, allow_private=True)


async def test_the_whole_check_reaches_the_local_receiver_only_where_it_may():
    await check_url("http://127.0.0.1:9000/hook", allow_private=True)

    with pytest.raises(NotAllowed):
        await check_url("http://127.0.0.1:9000/hook", allow_private=False)


OURS = ours_of("warnings.centre.example, 8.8.4.4, 10.7.0.0/16")


async def answering(host):
    names = {"beside.example.com": ["10.7.0.1"], "us.example.com": ["8.8.4.4"]}
    return names.get(host, ["8.8.8.8"] if host.endswith(".example") else [host])


@pytest.mark.parametrize("allow_private", [False, True])
@pytest.mark.parametrize(
    "url",
    [
        "https://warnings.centre.example/",
        "https://API.warnings.centre.example/",
        "https://8.8.4.4/",
        "https://us.example.com/",
        "http://10.7.0.1:9000/",
        "http://beside.example.com/",
    ],
)
async def test_what_is_our_own_is_refused_everywhere(url, allow_private):
    with pytest.raises(NotAllowed, match=r"^url_not_allowed$"):
        await check_url(url, allow_private=allow_private, ours=OURS, resolve=answering)


async def test_what_is_near_and_not_our_own_is_reached_on_the_local_stack():
    await check_url("http://10.8.0.1:9000/", allow_private=True, ours=OURS, resolve=answering)
