import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambda_handler.deadline import Deadline
from lambda_handler.failure import Failure
from lambda_handler.fetch import fetch
from lambda_handler.network import is_public
from tests.lambda_handler.web import HOST, JPEG, PUBLIC, Web, serve_web


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with serve_web(tmp_path_factory.mktemp("web")) as web:
        yield web


@pytest.fixture
def web(site: Web) -> Web:
    """The same server, with a resolver and a list of connections of its own."""
    return Web(site.port, site.certificate)


def get(web: Web, url: str, *, limit: int = 1000, seconds: float = 20) -> bytes:
    return fetch(url, limit=limit, deadline=Deadline.after(seconds), network=web.network())


def refusal(web: Web, url: str, *, limit: int = 1000, seconds: float = 20) -> tuple[int, str]:
    with pytest.raises(Failure) as raised:
        get(web, url, limit=limit, seconds=seconds)
    return raised.value.status, raised.value.kind


def test_an_image_is_fetched_from_the_address_that_was_checked(web: Web) -> None:
    assert get(web, web.url("/dog.jpg")) == JPEG
    assert web.connected == [PUBLIC]


def test_redirects_are_followed(web: Web) -> None:
    assert get(web, web.url("/moved")) == JPEG
    assert web.connected == [PUBLIC, PUBLIC]


def test_paths_and_queries_arrive_encoded(web: Web) -> None:
    assert get(web, web.url("/echo?name=a b&ü=%20")) == f"/echo?name=a%20b&%C3%BC=%20 {HOST}:{web.port}".encode()


@pytest.mark.parametrize(
    "url", ["http://pictures.test/", "ftp://pictures.test/", "file:///etc/passwd", "dog.jpg", "https://", "https://a..b/", "https://[x/"]
)
def test_only_https_urls_are_fetched(web: Web, url: str) -> None:
    assert refusal(web, url) == (400, "InvalidRequest")
    assert web.connected == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "169.254.170.2",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.215.14",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
    ],
)
def test_a_name_of_an_address_that_is_not_public_is_refused(web: Web, address: str) -> None:
    assert not is_public(address)
    web.names["inside.test"] = [address]
    assert refusal(web, "https://inside.test/") == (403, "AddressRefused")
    assert web.connected == []


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:4700:4700::1111"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_one_private_address_among_public_ones_is_refused(web: Web) -> None:
    web.names[HOST] = [PUBLIC, "10.0.0.1"]
    assert refusal(web, web.url("/dog.jpg")) == (403, "AddressRefused")
    assert web.connected == []


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.169.254", "[::ffff:10.0.0.1]"])
def test_literal_addresses_are_checked_too(web: Web, host: str) -> None:
    assert refusal(web, f"https://{host}:{web.port}/dog.jpg") == (403, "AddressRefused")


def test_a_redirect_is_checked_like_the_first_url(web: Web) -> None:
    assert refusal(web, web.url("/to-metadata")) == (403, "AddressRefused")
    assert refusal(web, web.url("/to-http")) == (400, "InvalidRequest")
    assert web.connected == [PUBLIC, PUBLIC]


def test_a_name_that_changes_its_address_between_redirects_is_refused(web: Web) -> None:
    network, answers = web.network(), iter([[PUBLIC], ["127.0.0.1"]])
    rebinding = type(network)(lambda _host, _port, _seconds: next(answers), network.connect, network.tls)
    with pytest.raises(Failure, match="not on the public internet"):
        fetch(web.url("/moved"), limit=1000, deadline=Deadline.after(20), network=rebinding)
    assert web.connected == [PUBLIC]


def test_redirects_end_after_three(web: Web) -> None:
    assert refusal(web, web.url("/loop")) == (502, "TooManyRedirects")
    assert len(web.connected) == 4


@pytest.mark.parametrize("path", ["/big", "/endless"])
def test_a_body_above_the_limit_is_refused_told_or_not(web: Web, path: str) -> None:
    assert refusal(web, web.url(path)) == (413, "ImageTooLarge")


def test_a_body_that_trickles_is_cut_at_the_deadline(web: Web) -> None:
    assert refusal(web, web.url("/trickle"), limit=10**9, seconds=0.5) == (504, "SourceTimeout")


def test_a_server_that_never_answers_is_cut_at_the_deadline(web: Web) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_web = Web(silent.getsockname()[1], web.certificate)
        assert refusal(silent_web, silent_web.url("/"), seconds=0.3) == (504, "SourceTimeout")


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/gone", (404, "ImageNotFound")),
        ("/forbidden", (403, "ImageForbidden")),
        ("/broken", (502, "SourceUnavailable")),
        ("/cut", (502, "SourceUnavailable")),
        ("/nowhere", (502, "TooManyRedirects")),
    ],
)
def test_what_the_site_answers_decides_the_status(web: Web, path: str, answer: tuple[int, str]) -> None:
    assert refusal(web, web.url(path)) == answer


def test_an_unknown_name_is_unavailable(web: Web) -> None:
    assert refusal(web, "https://unknown.test/") == (502, "SourceUnavailable")


def test_a_certificate_of_another_name_is_not_trusted(web: Web) -> None:
    web.names["other.test"] = [PUBLIC]
    assert refusal(web, f"https://other.test:{web.port}/dog.jpg") == (502, "SourceUntrusted")


def test_a_certificate_of_an_unknown_authority_is_not_trusted(web: Web, tmp_path: Path) -> None:
    with serve_web(tmp_path) as other:
        stranger = Web(other.port, web.certificate)
        assert refusal(stranger, stranger.url("/dog.jpg")) == (502, "SourceUntrusted")


def test_the_next_address_is_tried_when_one_refuses(web: Web) -> None:
    network = web.network()

    def connect(address: str, port: int, seconds: float) -> socket.socket:
        if address == "8.8.8.8":
            raise ConnectionRefusedError
        return network.connect(address, port, seconds)

    picky = type(network)(lambda _host, _port, _seconds: ["8.8.8.8", PUBLIC], connect, network.tls)
    assert fetch(web.url("/dog.jpg"), limit=1000, deadline=Deadline.after(20), network=picky) == JPEG
