"""Crawl CPU per page: our child (gate, robots, classification, article, extraction, store) beside a bare Scrapy crawl.

Both fetch the same pages from the same loopback site, one listing and its articles, without delays, each in a process of
its own that reports its CPU time. The bare crawl takes title and body by CSS and keeps nothing; target: at most 2x.

    python bench/crawl.py [PAGES]
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

PARAGRAPH = (
    "<p class=Normal>Theo cơ quan công an, đối tượng tự xưng cán bộ gọi từ số 0912 000 {0:03d}, yêu cầu bị hại chuyển "
    "tiền vào tài khoản 10100000{0:05d} tại ngân hàng Vietcombank để xác minh, rồi gửi đường dẫn xacminh-{0}.example/vn. "
    "Người dân không làm theo và báo ngay cho công an nơi gần nhất khi nhận được cuộc gọi như vậy.</p>"
)
PROSE = (
    "<p class=Normal>Ông {0} cho biết, trong sáu tháng đầu năm đơn vị đã tiếp nhận {0} lượt phản ánh của người dân về các cuộc gọi "
    "và tin nhắn có dấu hiệu bất thường, tăng so với cùng kỳ năm trước; phần lớn nạn nhân là người cao tuổi ở nông thôn, ít dùng "
    "dịch vụ ngân hàng số và thường làm theo hướng dẫn qua điện thoại mà không hỏi lại người thân trong gia đình.</p>"
)
FRAME = "<nav>" + "".join(f"<a href=/muc-{number}>Mục {number}</a> " for number in range(400)) + "</nav>"
SCRIPTS = "<script>" + "var a = {x: 1, y: [1,2,3]};" * 1500 + "</script>"


def page(number: int) -> bytes:
    """An article page of about 66 KB: frame, scripts, eight paragraphs of which one holds three identifiers."""
    body = PARAGRAPH.format(number) + "".join(PROSE.format(number * 8 + place) for place in range(1, 8))
    return (
        f"<html><head><title>Tin {number}</title>{SCRIPTS}</head><body>{FRAME}<h1 class=title>Cảnh báo thủ đoạn số {number}</h1>"
        f"<span class=date>30/06/2026 20:15</span><article class=fck>{body}</article>{FRAME}</body></html>"
    ).encode()


class Site(BaseHTTPRequestHandler):
    """One listing, its articles, a robots.txt."""

    protocol_version = "HTTP/1.1"
    pages = 0

    def do_GET(self) -> None:
        """Answers."""
        if self.path == "/list":
            rows = "".join(f'<li class=n><a href="/a/{number}.html">x</a></li>' for number in range(self.pages))
            body = f"<html><body><ul>{rows}</ul></body></html>".encode()
        elif self.path.startswith("/a/"):
            body = page(int(self.path[3:-5]))
        else:
            body = b"User-agent: *\nAllow: /\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


BARE = """
import scrapy, sys
from scrapy.crawler import AsyncCrawlerProcess
class Bare(scrapy.Spider):
    name = "bare"
    async def start(self):
        yield scrapy.Request(sys.argv[1] + "/list", callback=self.listing)
    def listing(self, response):
        for link in response.css("li.n a::attr(href)").getall():
            yield response.follow(link, callback=self.article)
    def article(self, response):
        yield {"title": response.css("h1.title::text").get(), "text": response.css("article.fck p::text").getall(),
               "date": response.css(".date::text").get()}
process = AsyncCrawlerProcess({"LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_DELAY": 0})
process.crawl(Bare)
process.start()
"""


def children_cpu() -> float:
    """CPU seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def bare(url: str) -> float:
    """CPU seconds of the bare crawl."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "bare.py"
        script.write_text(BARE, "utf-8")
        before = children_cpu()
        subprocess.run([sys.executable, str(script), url], check=True, cwd=folder)
        return children_cpu() - before


def ours(url: str, pages: int) -> float:
    """CPU seconds of our child."""
    from crawler.batches import run_due
    from model.source import Source
    from store import sources
    from store.connect import connect

    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/house.db"
        connect(database)
        options = {
            "item": "li.n",
            "id_pattern": r"(\d+)\.html",
            "delay": 0,
            "max_items": 5000,
            "article": {"title": "h1.title", "text": "article.fck", "date": ".date"},
        }
        sources.upsert(
            [Source(id="bench", title="x", spider="listing", kind="news", url=f"{url}/list", options=options)],
            now=datetime.now(UTC),
        )
        before = children_cpu()
        runs = run_due(database_url=database, force=True, only=["bench"], allow=[url.removeprefix("http://")])
        used = children_cpu() - before
    if not (len(runs) == 1 and runs[0].new == pages):
        raise SystemExit(f"the crawl did not keep {pages} pages: {runs}")
    return used


def parts() -> dict[str, float]:
    """CPU milliseconds of a page in the two readers that the crawl calls: main text, and what ingest makes of it."""
    from extraction.article import read_article
    from indexer.ingest import prepare
    from model.document import Document

    html, selectors = page(1).decode(), {"title": "h1.title", "body": "article.fck", "date": ".date"}
    article = read_article(html, url="http://x/1", selectors=selectors)
    draft = Document(
        source="s",
        source_kind="news",
        external_id="1",
        title=article.title,
        text=article.text,
        collected=datetime.now(UTC),
    )
    calls: dict[str, Callable[[], object]] = {
        "read_article_ms": lambda: read_article(html, url="http://x/1", selectors=selectors),
        "prepare_ms": lambda: prepare(draft),
    }
    found = {}
    for name, call in calls.items():
        call()
        began = time.process_time()
        for _ in range(50):
            call()
        found[name] = round((time.process_time() - began) * 20, 2)
    return found


def main() -> None:
    """Runs both, with many pages and with few: the difference is what a page costs without start-up."""
    pages = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    few = max(pages // 10, 10)
    os.environ.setdefault("CANHGIAC_HOME", tempfile.mkdtemp(prefix="bench-crawl-"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    used: dict[str, dict[int, float]] = {"bare": {}, "ours": {}}
    for number in (few, pages):
        Site.pages = number
        used["bare"][number] = bare(url)
        used["ours"][number] = ours(url, number)
    each = {name: (found[pages] - found[few]) / (pages - few) * 1000 for name, found in used.items()}
    whole = {name: found[pages] / pages * 1000 for name, found in used.items()}
    print(
        json.dumps(
            {
                "pages": pages,
                "bare_ms_per_page": round(each["bare"], 2),
                "ours_ms_per_page": round(each["ours"], 2),
                "ratio": round(each["ours"] / each["bare"], 2),
                "ratio_with_start_up": round(whole["ours"] / whole["bare"], 2),
                "target": 2.0,
                **parts(),
            }
        )
    )
    server.shutdown()


if __name__ == "__main__":
    main()
