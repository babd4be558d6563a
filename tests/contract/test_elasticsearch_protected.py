"""Elasticsearch with its doors shut: passwords, roles of the file realm, HTTPS with a private authority; and its absence."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from elasticsearch import ApiError, Elasticsearch

from console.elasticsearch_server import ElasticsearchServer, Security, ServerUnavailableError, running
from console.wiring import open_house
from indexer.index import open_index
from indexer.kibana_roles import GRANTS, roles_yml
from model.document import Document, DocumentVersion
from model.errors import ConfigError, SearchError, SearchUnavailableError
from model.source import Source
from store import documents, sources
from store.connect import disconnect

PASSWORD = "mat-khau-thu"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a private authority (`ca.crt`) and a certificate of 127.0.0.1 that it signed (`http.crt`, `http.key`)."""
    folder = tmp_path_factory.mktemp("authority")
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Cảnh Giác test authority")])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)

    def builder(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(ca_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + datetime.timedelta(days=36_500))
        )

    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    ca = (
        builder(ca_name, ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    certificate = (
        builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), key.public_key())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(identifier, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.crt").write_bytes(ca.public_bytes(pem))
    (folder / "http.crt").write_bytes(certificate.public_bytes(pem))
    (folder / "http.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder


@pytest.fixture(scope="module")
def server(
    authority: Path, need_elasticsearch: Callable[[Exception], None], elasticsearch_version: str
) -> Iterator[ElasticsearchServer]:
    """A protected server with one user for each of our roles."""
    users = {role.removeprefix("canhgiac_"): (PASSWORD, (role,)) for role in GRANTS}
    security = Security(
        users=users,
        roles=roles_yml(),
        certificate=authority / "http.crt",
        key=authority / "http.key",
    )
    try:
        with running(elasticsearch_version, security=security, short_lived=True) as started:
            yield started
    except ServerUnavailableError as error:
        need_elasticsearch(error)


def address(server: ElasticsearchServer, user: str, password: str = PASSWORD) -> str:
    return server.url.replace("https://", f"https://{user}:{password}@")


@pytest.mark.elasticsearch
class TestProtected:
    def test_the_program_writes_and_staff_only_read(
        self, server: ElasticsearchServer, authority: Path, make_version: Callable[..., DocumentVersion]
    ) -> None:
        ca = str(authority / "ca.crt")
        program = open_index(address(server, "program"), ca_certs=ca)
        program.clear()
        assert program.put([make_version(1, text="lừa đảo")]).written == 1
        program.refresh()
        assert program.health().problems == ()
        staff = open_index(address(server, "staff"), ca_certs=ca)
        assert len(list(staff.iterate('"lừa đảo"'))) == 1
        with pytest.raises(SearchError, match="refused access"):
            staff.put([make_version(2, text="tin")])
        with pytest.raises(SearchError, match="refused access"):
            staff.clear()
        assert program.count() == 1

    def test_staff_see_the_mirror_and_write_nothing_and_the_worker_needs_no_more(
        self,
        server: ElasticsearchServer,
        authority: Path,
        tmp_path: Path,
        now: datetime.datetime,
        post: Callable[..., Document],
    ) -> None:
        """The whole worker's turn as the program's user: index and mirror, and what staff then find and may do."""
        ca = str(authority / "ca.crt")
        settings = {"index_url": server.url, "index_user": "program", "index_password": PASSWORD, "index_ca": ca}
        house = open_house(home=tmp_path / "home", clock=lambda: now, **settings).connect()
        house.index.clear()
        source = Source(id="dien_dan", title="Diễn đàn mẫu", kind="forum", url="https://forum.example.vn/")
        sources.upsert([source], now=now)
        documents.append([post(1, "Số 0900 000 001 lừa đảo")], now=now)
        house.raise_leads()

        assert (house.follow(), house.mirror() > 0) == (1, True)

        house.index.refresh()
        disconnect()
        with Elasticsearch(server.url, basic_auth=("staff", PASSWORD), ca_certs=ca) as staff:
            found = staff.search(index="canhgiac-documents", q="lua", allow_partial_search_results=False)
            assert found["hits"]["total"]["value"] == 1
            assert staff.get(index="canhgiac-sources", id="dien_dan")["_source"]["state"] == "new"
            for attempt in (
                lambda: staff.index(index="canhgiac-leads", document={"code": "CG-0"}),
                lambda: staff.delete(index="canhgiac-sources", id="dien_dan"),
                lambda: staff.indices.delete(index="canhgiac-leads"),
                lambda: staff.search(index="other"),
                lambda: staff.cluster.put_component_template(name="x", template={}),
            ):
                with pytest.raises(ApiError) as refused:
                    attempt()
                assert refused.value.status_code == 403
        with Elasticsearch(server.url, basic_auth=("staff", "sai"), ca_certs=ca) as stranger:
            with pytest.raises(ApiError) as refused:
                stranger.search(index="canhgiac-documents")
            assert refused.value.status_code == 401

    def test_a_wrong_password(self, server: ElasticsearchServer, authority: Path) -> None:
        index = open_index(address(server, "program", "sai"), ca_certs=str(authority / "ca.crt"))
        with pytest.raises(SearchError, match=r"refused access \(401\): check .*CANHGIAC_INDEX_PASSWORD"):
            index.count()

    def test_nobody(self, server: ElasticsearchServer, authority: Path) -> None:
        with pytest.raises(SearchError, match="refused access"):
            open_index(server.url, ca_certs=str(authority / "ca.crt")).count()

    def test_an_unknown_authority(self, server: ElasticsearchServer) -> None:
        with pytest.raises(SearchError, match="CANHGIAC_INDEX_CA"):
            open_index(address(server, "program")).count()


@pytest.mark.parametrize("url", ["http://search.vi-du.vn:9200", "http://u:p@10.0.0.5:9200", "https://search.vi-du.vn"])
def test_an_unprotected_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="not protected"):
        open_index(url)
    open_index(url, insecure=True).close()


def test_loopback_and_protected_addresses_are_taken() -> None:
    for url in ("http://127.0.0.1:9200", "http://[::1]:9200", "http://localhost", "https://u:p@search.vi-du.vn"):
        open_index(url).close()


def test_nobody_listens() -> None:
    with pytest.raises(SearchUnavailableError, match="does not answer"):
        open_index("http://127.0.0.1:9").count()
