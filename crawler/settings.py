"""Scrapy's settings, for crawl children and for `scrapy list` and `scrapy crawl feed -a source=ID` from the root.

Each value that differs from Scrapy's default stands against something that happened: see the notes beside them.
"""

from __future__ import annotations

from config.settings import Settings, read_settings

house: Settings = read_settings()
"""The settings of this installation; lower case, so that Scrapy does not take it for one of its own."""

BOT_NAME = "canhgiac"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
USER_AGENT = f"canhgiac/0.1 (public fraud warning research; {house.contact or 'contact not configured'})"

# No way in for others: both listen on loopback by default, and the remote control executes code.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# No way out but the gate.
TWISTED_DNS_RESOLVER = "crawler.resolver.GateResolver"
DOWNLOAD_HANDLERS = {"data": None, "file": None, "ftp": None, "s3": None}
DOWNLOAD_VERIFY_CERTIFICATES = True
HTTPPROXY_ENABLED = True

# Bounds: Scrapy's own are 1 GiB, 180 s, and none.
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 30
DEPTH_LIMIT = 60
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False
CLOSESPIDER_TIMEOUT = 300
CLOSESPIDER_PAGECOUNT = 20_000
MEMUSAGE_LIMIT_MB = 900
URLLENGTH_LIMIT = 2048

# Pace. One request at a time to a site, whatever its subdomains (`crawler.middlewares.PaceMiddleware`).
CONCURRENT_REQUESTS = 128
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = 4  # Scrapy makes as many tasks for every response (100 cost 7 ms); a page gives one parcel
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0.25
AUTOTHROTTLE_ENABLED = False
RETRY_TIMES = 1
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]  # 429 and 503 are the site's word to stay away

# Nothing kept that a site could follow us by, nothing sent that is not needed.
COOKIES_ENABLED = False
REFERER_ENABLED = False
HTTPCACHE_ENABLED = False
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.5",
    "Accept-Language": "vi,en;q=0.5",
}

# Every answer is classified by us; none is dropped in silence.
HTTPERROR_ALLOW_ALL = True
ROBOTSTXT_OBEY = False  # by ours: answers shared between crawls, 5xx means no, Crawl-delay is kept

DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.RobotsMiddleware": 100,
    "crawler.middlewares.ConditionalMiddleware": 120,
    "crawler.middlewares.PaceMiddleware": 140,
    "crawler.middlewares.GateMiddleware": 160,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "crawler.middlewares.RedirectMiddleware": 600,
}
ITEM_PIPELINES = {"crawler.pictures.PicturePipeline": 400, "crawler.pipelines.KeepPipeline": 500}
EXTENSIONS = {
    "scrapy.extensions.logstats.LogStats": None,
    "scrapy.extensions.feedexport.FeedExporter": None,
    "scrapy.extensions.memusage.MemoryUsage": None,
    "crawler.memory.OwnMemory": 0,
}

LOG_LEVEL = "WARNING" if house.log_level != "debug" else "DEBUG"
LOG_FORMAT = "%(asctime)s %(levelname)s [%(name)s] %(message)s"
STATS_DUMP = False
