"""The console's pages: what they show, that nothing in them can be clicked, and who may read them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, Request, build_opener

import pytest

from model.lead import LEAD_MOVES, LeadStatus
from town.pictures import CODE, draw

POSTS = [
    {
        "source": "fb_an_ninh",
        "external_id": "1",
        "title": "<script>alert(1)</script> Cẩn thận",
        "text": "Số 0900.000.015 tự xưng công an <b>đậm</b>, có lệnh bắt, dọa rửa tiền, gửi link vcb-xacminh.top/vn và cskh@vcb-xacminh.top",
        "author": "javascript:alert(1)",
        "url": "https://mxh.example.vn/p/1?a=1&b=2",
        "images": [
            "https://mxh.example.vn/anh/1.jpg",
            "data:image/png;base64," + b64encode(draw(CODE, "<b>vcb-xacminh.top/qr</b> 0900000016")).decode(),
            "data:image/png;base64,AAAA",
        ],
    }
]
PAGES = ["/", "/tim-kiem/", "/tim-kiem/?q=phones:*", "/dinh-danh/", "/dinh-danh/?q=0900000015", "/ban-tin/", "/nguon/"]
PASSWORD = "bien-xanh-cat-trang-35"


class Site:
    """A console that was started for the tests, seen by a browser without scripts."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.browser = self.new_browser()

    @staticmethod
    def new_browser(*, follow: bool = True) -> OpenerDirector:
        """One that keeps cookies."""

        class Stay(HTTPRedirectHandler):
            def redirect_request(self, *_: object) -> None:  # type: ignore[override]
                return None

        return build_opener(HTTPCookieProcessor(CookieJar()), *([] if follow else [Stay()]))

    def get(self, path: str) -> tuple[int, str, dict[str, str]]:
        """Status, body, headers."""
        return self.ask(Request(self.base + quote(path, safe="/?=&%:")))

    def ask(self, request: Request) -> tuple[int, str, dict[str, str]]:
        """The same for any request."""
        try:
            with self.browser.open(request, timeout=60) as response:
                return response.status, response.read().decode(), dict(response.headers)
        except HTTPError as error:
            return error.code, error.read().decode(), dict(error.headers)


def environment(home: Path) -> dict[str, str]:
    """No settings but home and a free port."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CANHGIAC_")}
    return kept | {"CANHGIAC_HOME": str(home), "CANHGIAC_CONSOLE_PORT": "0"}


def command(home: Path, *arguments: str, given: str = "") -> None:
    """Runs `canhgiac`; it must succeed."""
    subprocess.run(
        [sys.executable, "-m", "console.cli", *arguments],
        input=given,
        env=environment(home),
        text=True,
        check=True,
        capture_output=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one lead, whose post is hostile."""
    home = tmp_path_factory.mktemp("web") / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / "recipients.yaml").write_text("id: truc_ban\naddresses: [truc@example.vn]\n", encoding="utf-8")
    command(home, "ingest", "-", given="\n".join(json.dumps(post) for post in POSTS))
    command(home, "user", "add", "can.bo", "--password-stdin", given=PASSWORD)
    (home / "inbox").mkdir()
    return home


def serve(home: Path, *arguments: str) -> Iterator[Site]:
    """A console on a free port."""
    ready = home / f"ready{len(arguments)}"
    process = subprocess.Popen(
        [sys.executable, "-m", "console.serve", *arguments, "--ready-file", str(ready)], env=environment(home), cwd=home
    )
    until = time.monotonic() + 60
    while not ready.exists():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)
    yield Site(f"http://127.0.0.1:{ready.read_text()}")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


@pytest.fixture(scope="module")
def demo(home: Path) -> Iterator[Site]:
    """The demo's console: no login, nothing can be changed."""
    yield from serve(home, "--demo")


@pytest.fixture(scope="module")
def real(home: Path) -> Iterator[Site]:
    """The console of an installation."""
    yield from serve(home)


@pytest.mark.parametrize("path", [*PAGES, "/vu-viec/CG-1/", "/hop-thu/"])
def test_pages_answer_and_nothing_in_them_can_be_clicked(demo: Site, path: str) -> None:
    """No script, no live address of a post, no number to call; strict headers."""
    status, body, headers = demo.get(path)

    assert status == 200
    assert "<script" not in body
    assert not re.search(r"href=[\"'](?!/|\?|#)", body)
    assert "https://mxh.example.vn" not in body
    assert "vcb-xacminh.top" not in re.sub(r'(value|href)="[^"]*"', "", body)
    assert "tel:" not in body
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_a_lead_shows_its_post_with_mentions_in_place(demo: Site) -> None:
    """Escaped, marked by role, defanged."""
    _, body, _ = demo.get("/vu-viec/CG-1/")

    assert "&lt;script&gt;" in body
    assert re.search(r'<mark class="suspect"[^>]*>0900\.000\.015</mark>', body)
    assert "vcb-xacminh[.]top/vn" in body
    assert "Vì sao nêu" in body
    assert "chờ gửi" in body


@pytest.mark.usefixtures("reads_pictures")
def test_what_pictures_say_is_shown_apart_escaped_and_defanged(demo: Site) -> None:
    """With how it was read and how surely; a picture that could not be read says why."""
    _, body, _ = demo.get("/vu-viec/CG-1/")

    assert "Đọc từ ảnh:" in body
    assert "&lt;b&gt;" in body
    assert "<b>vcb" not in body
    assert re.search(r'<mark class="suspect"[^>]*đọc từ ảnh \(mã QR, chắc 100%\)[^>]*>0900000016</mark>', body)
    assert re.search(r"Ảnh 1: sha256:[0-9a-f]{64}<", body)
    assert re.search(r"Ảnh 2: sha256:[0-9a-f]{64} – không phải ảnh PNG", body)
    identifier = re.search(r'href="(/bai/[^"]+)"', body)
    assert identifier is not None
    _, page, _ = demo.get(identifier[1])
    assert "đọc từ ảnh (mã QR, chắc 100%)" in page


def test_a_message_is_shown_as_sent_in_a_frame_that_can_do_nothing(demo: Site) -> None:
    """Its own policy: inline style, nothing else."""
    _, body, _ = demo.get("/vu-viec/CG-1/")
    page = re.search(r'href="(/thu/[a-z2-7]+/)"', body).group(1)  # type: ignore[union-attr]

    _, shown, _ = demo.get(page)
    status, mail, headers = demo.get(f"{page}noi-dung")

    assert "<iframe" in shown
    assert (status, "CG-1" in mail) == (200, True)
    assert "sandbox" in headers["Content-Security-Policy"]


def test_a_wrong_query_is_explained_in_vietnamese(demo: Site) -> None:
    """With the place; and status 200: the page works."""
    status, body, _ = demo.get("/tim-kiem/?q=fhones:*")

    assert status == 200
    assert "Không hiểu truy vấn" in body


def test_what_a_query_met_is_marked_and_stays_harmless(demo: Site) -> None:
    """Words in any spelling, identifiers as a whole; text of the post is escaped inside the marks too."""
    _, body, _ = demo.get('/tim-kiem/?q="lenh bat" or script or phones:0900000015 or xacminh')
    shown = body[body.index('<article class="card">') :]

    assert '<mark class="hit">lệnh bắt</mark>' in shown
    assert '&lt;<mark class="hit">script</mark>&gt;' in shown
    assert re.search(r'<mark class="\w+ hit"[^>]*>0900\.000\.015</mark>', shown)
    assert re.search(r'hit"[^>]*>vcb-xacminh\[\.\]top/vn</mark>', shown)
    assert "<script" not in shown
    assert "hit" not in demo.get("/vu-viec/CG-1/")[1].split("<article", 1)[1]


@pytest.mark.parametrize(
    "path", ["/vu-viec/CG-99/", "/bai/nothing/", "/thu/nothing/", "/hop-thu/000099/", "/hop-thu/..%2Fx/", "/nowhere/"]
)
def test_what_is_not_there_is_404(demo: Site, path: str) -> None:
    """Whatever is asked for."""
    assert demo.get(path)[0] == 404


def test_the_demo_changes_nothing(demo: Site) -> None:
    """Every page answers GET alone."""
    for path in ("/", "/vu-viec/CG-1/", "/nguon/"):
        assert demo.ask(Request(demo.base + path, data=b"x=1"))[0] in (403, 405)


def test_a_foreign_host_name_is_refused(demo: Site) -> None:
    """No page is given to a name that is not ours (DNS rebinding)."""
    assert demo.ask(Request(demo.base + "/", headers={"Host": "evil.example"}))[0] == 400


@pytest.mark.parametrize("path", [*PAGES, "/vu-viec/CG-1/", "/hop-thu/", "/bai/x/", "/thu/x/", "/thu/x/noi-dung"])
def test_an_installation_shows_nothing_without_login(real: Site, path: str) -> None:
    """Every page but the login leads to the login."""
    real.browser = real.new_browser(follow=False)

    status, _, headers = real.get(path)

    assert status == 302
    assert headers["Location"].startswith("/dang-nhap/")


def test_health_is_open_and_says_no_more_than_numbers(real: Site) -> None:
    """For a monitor."""
    status, body, _ = Site(real.base).get("/healthz")

    assert status == 200
    assert set(json.loads(body)) == {"ok", "unmatched", "deliveries"}


def token_of(page: str) -> str:
    """The token against forged requests."""
    return re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page).group(1)  # type: ignore[union-attr]


def log_in(visitor: Site, password: str) -> str:
    """The page after the login form."""
    token = token_of(visitor.get("/dang-nhap/")[1])
    data = {"csrfmiddlewaretoken": token, "username": "can.bo", "password": password, "next": "/"}
    return visitor.ask(Request(f"{visitor.base}/dang-nhap/", data=urlencode(data).encode()))[1]


def test_login_and_logout(real: Site) -> None:
    """With a token against forged requests; a wrong password stays outside."""
    visitor = Site(real.base)

    assert "Đăng nhập" in log_in(visitor, "wrong-password-here")
    page = log_in(visitor, PASSWORD)
    assert "can.bo" in page
    token = token_of(page)
    visitor.ask(Request(f"{visitor.base}/dang-xuat/", data=urlencode({"csrfmiddlewaretoken": token}).encode()))
    assert "Đăng nhập" in visitor.get("/")[1]
    assert visitor.ask(Request(f"{visitor.base}/dang-nhap/", data=b"username=can.bo"))[0] == 403


def test_a_lead_is_acknowledged_by_whoever_is_logged_in(real: Site) -> None:
    """Audited with name and note; the demo and strangers cannot."""
    visitor = Site(real.base)
    page = log_in(visitor, PASSWORD)
    token = token_of(page)

    data = {"csrfmiddlewaretoken": token, "status": "acknowledged", "note": "gọi hỏi xã"}
    _, body, _ = visitor.ask(Request(f"{visitor.base}/vu-viec/CG-1/", data=urlencode(data).encode()))
    again = visitor.ask(
        Request(f"{visitor.base}/vu-viec/CG-1/", data=urlencode(data | {"status": "nonsense"}).encode())
    )

    assert "đã nhận" in body
    assert "gọi hỏi xã" in body
    offered = set(re.findall(r'name="status" value="(\w+)"', body))
    assert offered == {status.value for status in LEAD_MOVES[LeadStatus.ACKNOWLEDGED]}
    assert again[0] == 400
    assert Site(real.base).ask(Request(f"{real.base}/vu-viec/CG-1/", data=urlencode(data).encode()))[0] == 403


def test_a_digest_is_marked_as_seen(real: Site, home: Path) -> None:
    """By name, in the audit trail; only a digest, only by whoever is logged in."""
    subprocess.run(
        [sys.executable, "-m", "console.cli", "digest", "--send"],
        env=environment(home),
        cwd=home,
        check=False,
        capture_output=True,
        timeout=60,
    )
    visitor = Site(real.base)
    token = token_of(log_in(visitor, PASSWORD))
    page = re.search(r'href="(/thu/[a-z2-7]+/)"', visitor.get("/ban-tin/")[1]).group(1)  # type: ignore[union-attr]

    visitor.ask(Request(visitor.base + page, data=urlencode({"csrfmiddlewaretoken": token}).encode()))

    assert re.search(r"can\.bo <span", visitor.get("/ban-tin/")[1])
    assert Site(real.base).ask(Request(real.base + page, data=b"x=1"))[0] == 403


def test_the_web_process_imports_neither_scrapy_nor_the_collecting_rooms(home: Path) -> None:
    """What the linter cannot see behind strings."""
    code = (
        "import sys\nfrom console.wiring import open_house\nfrom console.serve import prepare_web\nprepare_web(open_house())\n"
        "import console.web.urls\n"
        "print([name for name in ('scrapy', 'twisted.internet.reactor', 'playwright', 'crawler.child', 'spiders') if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(home), capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.strip() == "[]"
