"""What a person or a page does in a browser, each act on pages of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.browser.chromium import Chromium, Tab
from tests.browser.site import HOST, OTHER_HOST, Site

START, TARGET = "start", "target"


@dataclass(frozen=True)
class Doing:
    """One act while it is done."""

    act: "Act"
    browser: Chromium
    tab: Tab
    site: Site

    def url(self, name: str) -> str:
        return f"https://{HOST}{self.path(name)}"

    def path(self, name: str) -> str:
        return f"/{self.act.name}/{name}"

    def begin(self) -> None:
        self.tab.type_address(self.url(START))

    def settle(self, name: str) -> None:
        self.site.settle(self.act.name, self.path(name))


@dataclass(frozen=True)
class Act:
    """`start` is the HTML of the page on which it is done, `target` of the page to which it leads."""

    name: str
    do: Callable[[Doing], None]
    start: str = ""
    target: str = "the target"
    others: Mapping[str, str] = field(default_factory=dict)

    def pages(self) -> dict[str, str]:
        named = {START: self.start, TARGET: self.target, **self.others}
        return {f"/{self.name}/{name}": _html(body) for name, body in named.items()}


def _html(body: str) -> str:
    return f'<!doctype html><title>a page</title><link rel="icon" href="data:,">{body}'


def type_address(doing: Doing) -> None:
    doing.tab.type_address(doing.url(TARGET))


def reload(doing: Doing) -> None:
    doing.begin()
    doing.tab.reload()


def only_load(of: str) -> Callable[[Doing], None]:
    """The page itself does something as soon as it is loaded."""

    def do(doing: Doing) -> None:
        doing.begin()
        doing.settle(of)

    return do


def only_load_unwatched(of: str) -> Callable[[Doing], None]:
    """In a tab that is not attached: a page that is being debugged prerenders nothing, and one
    that is replaced at once cannot be waited for.
    """

    def do(doing: Doing) -> None:
        with doing.browser.unwatched(doing.url(START)):
            doing.settle(of)

    return do


def click(of: str) -> Callable[[Doing], None]:
    def do(doing: Doing) -> None:
        doing.begin()
        doing.tab.click("here")
        doing.settle(of)

    return do


def click_prefetched(doing: Doing) -> None:
    doing.begin()
    doing.settle(TARGET)
    doing.tab.click("here")
    doing.settle("image.gif")


def back(doing: Doing) -> None:
    doing.begin()
    doing.tab.click("here")
    doing.settle(TARGET)
    doing.tab.evaluate("history.back()")
    doing.tab.until(f"location.pathname === '{doing.path(START)}'")
    doing.site.quiet()


LINK = '<a id="here" href="target">go</a>'
IMAGE = '<img src="image.gif">'


def form(method: str) -> str:
    return (
        f'<form action="target" method="{method}"><input name="q" value="1">'
        '<button id="here">send</button></form>'
    )


def script(text: str) -> str:
    return f"<script>{text}</script>"


def speculation(kind: str) -> str:
    rules = f'{{"{kind}": [{{"urls": ["target"], "eagerness": "immediate"}}]}}'
    return f'<script type="speculationrules">{rules}</script>'


PREFETCH = '<link rel="prefetch" href="target">'

ACTS = (
    Act("typed-address", type_address),
    Act("reload", reload),
    Act("click", click(TARGET), LINK),
    Act("form-get", click(TARGET), form("get")),
    Act("form-post", click(TARGET), form("post")),
    # As after a login: the person's click leads on to the page.
    Act("redirect", click(TARGET), '<a id="here" href="redirect">go</a>'),
    Act("other-site", click(TARGET), f'<a id="here" href="https://{OTHER_HOST}/other-site/target">go</a>'),
    Act("new-tab", click(TARGET), '<a id="here" href="target" target="_blank">go</a>'),
    Act("script-location", only_load_unwatched(TARGET), script("location = 'target'")),
    Act("meta-refresh", only_load_unwatched(TARGET), '<meta http-equiv="refresh" content="0; url=target">'),
    Act("download-link", click("archive.zip"), '<a id="here" href="archive.zip" download>go</a>'),
    Act("download-page", click(TARGET), '<a id="here" href="target" download="page.html">go</a>'),
    Act("attachment", click("export"), '<a id="here" href="export">go</a>'),
    Act("iframe", only_load(TARGET), '<iframe src="target"></iframe>'),
    Act("image", only_load("image.gif"), IMAGE),
    Act("link-prefetch", only_load(TARGET), PREFETCH),
    Act("speculation-prefetch", only_load(TARGET), speculation("prefetch")),
    Act("prerender", only_load_unwatched("image.gif"), speculation("prerender"), IMAGE),
    Act("click-prefetched", click_prefetched, PREFETCH + LINK, IMAGE),
    Act("click-speculated", click_prefetched, speculation("prefetch") + LINK, IMAGE),
    Act("back", back, LINK),
    Act(
        "push-state",
        only_load("data.json"),
        script("history.pushState({}, '', 'pushed'); fetch('data.json')"),
    ),
    Act("fetch", only_load("data.json"), script("fetch('data.json')")),
    Act(
        "xhr",
        only_load("data.json"),
        script("x = new XMLHttpRequest(); x.open('GET', 'data.json'); x.send()"),
    ),
    Act(
        "event-source",
        only_load("events"),
        script("s = new EventSource('events'); s.onmessage = s.onerror = () => s.close()"),
    ),
    Act("fetch-post", only_load("data.json"), script("fetch('data.json', {method: 'POST', body: '{}'})")),
    Act("fetch-delete", only_load("data.json"), script("fetch('data.json', {method: 'DELETE'})")),
    Act("beacon", only_load("data.json"), script("navigator.sendBeacon('data.json', 'x')")),
    Act("ping", click("data.json"), '<a id="here" href="#end" ping="data.json">go</a>'),
)  # fmt: skip
