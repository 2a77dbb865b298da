"""Chromium, held behind a wall: the only module that makes a profile. Imported with the first page, by `starting`.

One profile, off the record. Pages are served by a scheme of ours, each from an origin of its own; every request of
every page passes one interceptor, which asks the page's `Policy`. No channel leads from a page into the program: what
comes out are the addresses of what was blocked or clicked, as text.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
from pathlib import Path
from typing import Final

import shiboken6
from PySide6.QtCore import QBuffer, QByteArray, QFile, QIODevice, QObject, QUrl, Signal
from PySide6.QtNetwork import QNetworkProxy, QNetworkProxyFactory
from PySide6.QtWebEngineCore import (
    QWebEngineDownloadRequest,
    QWebEngineNewWindowRequest,
    QWebEnginePage,
    QWebEnginePermission,
    QWebEngineProfile,
    QWebEngineScript,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
    QWebEngineUrlRequestJob,
    QWebEngineUrlScheme,
    QWebEngineUrlSchemeHandler,
)

from ide.widgets.web.policy import SCHEME, Policy, mime_of

_NOBODYS_PORT: Final = 1
_SCHEME: Final = SCHEME.encode()
_HEADERS: Final = {
    # The interceptor sees what asks for addresses; these close what asks without one. In this sandbox each frame is an
    # origin of its own that no other reaches, so that none is had in which `_NO_CALLS` did not run.
    b"Content-Security-Policy": b"sandbox allow-scripts allow-popups allow-downloads; "
    b"object-src 'none'; form-action 'none'; base-uri 'self'",
    b"Permissions-Policy": b"camera=(), microphone=(), geolocation=(), display-capture=()",
    b"Referrer-Policy": b"no-referrer",
    b"X-DNS-Prefetch-Control": b"off",
    b"Access-Control-Allow-Origin": b"*",
    b"Cache-Control": b"no-store",
}
_NO_CALLS: Final = """
for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "RTCDataChannel", "WebTransport"])
  Object.defineProperty(window, name, {value: undefined, writable: false, configurable: false});
"""
"""These reach the network past the interceptor. Runs in every frame before any script of the page."""
_A = QWebEngineSettings.WebAttribute
_OFF: Final = (
    _A.JavascriptCanOpenWindows,
    _A.JavascriptCanAccessClipboard,
    _A.JavascriptCanPaste,
    _A.LocalContentCanAccessRemoteUrls,
    _A.LocalContentCanAccessFileUrls,
    _A.PluginsEnabled,
    _A.PdfViewerEnabled,
    _A.FullScreenSupportEnabled,
    _A.ScreenCaptureEnabled,
    _A.HyperlinkAuditingEnabled,
    _A.AllowRunningInsecureContent,
    _A.AllowGeolocationOnInsecureOrigins,
    _A.AllowWindowActivationFromJavaScript,
    _A.DnsPrefetchEnabled,
    _A.NavigateOnDropEnabled,
    _A.FocusOnNavigationEnabled,
    _A.ErrorPageEnabled,
    _A.AutoLoadIconsForPage,
)
_ON: Final = (_A.PlaybackRequiresUserGesture, _A.WebRTCPublicInterfacesOnly)


class Page(QWebEnginePage):
    """One page of an output. What it asks for comes out as text, to be asked about."""

    blocked = Signal(str)
    """Host, with its port where one is named, that something was wanted from; at most once each."""
    link_clicked = Signal(str)
    """An address that the page wanted to go to."""
    download_blocked = Signal(str)
    """Name of a file that the page wanted to save."""

    def __init__(self, profile: QWebEngineProfile, policy: Policy, text: bytes, parent: QObject) -> None:
        super().__init__(profile, parent)
        self.policy = policy
        self.text = text
        self._told: set[str] = set()
        self.newWindowRequested.connect(self._on_new_window)
        self.permissionRequested.connect(_deny)

    def start(self, path: str = "/") -> None:
        """Load the page, or load it anew."""
        self._told.clear()
        self.load(QUrl(self.policy.origin + path))

    def tell_blocked(self, place: str) -> None:
        """Something from there was blocked."""
        if place and place not in self._told:
            self._told.add(place)
            self.blocked.emit(place)

    def kill(self) -> None:
        """End the process that runs the page's scripts, whatever it is at."""
        pid = self.renderProcessPid()
        if pid > 0:
            with contextlib.suppress(OSError):
                os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    def acceptNavigationRequest(
        self, url: QUrl | str, _type: QWebEnginePage.NavigationType, is_main_frame: bool
    ) -> bool:
        """Chromium asks here before any frame goes anywhere."""
        address = _text(url)
        if self.policy.goes_to(address, is_main_frame=is_main_frame):
            return True
        if is_main_frame:
            self._tell_link(address)
        else:
            self.tell_blocked(self.policy.judge(address).place)
        return False

    def javaScriptAlert(self, _origin: QUrl | str, _message: str) -> None:
        """Says nothing, and holds nothing up."""

    def javaScriptConfirm(self, _origin: QUrl | str, _message: str) -> bool:
        """Nobody is asked."""
        return False

    def javaScriptPrompt(self, _origin: QUrl | str, _message: str, _default: str) -> tuple[bool, str]:
        """Nobody is asked."""
        return False, ""

    def javaScriptConsoleMessage(
        self, _level: QWebEnginePage.JavaScriptConsoleMessageLevel, _message: str, _line: int, _source: str
    ) -> None:
        """A page's own words are none of the program's log."""

    def _on_new_window(self, request: QWebEngineNewWindowRequest) -> None:
        if request.isUserInitiated():
            self._tell_link(_text(request.requestedUrl()))

    def _tell_link(self, address: str) -> None:
        if address.startswith(("http://", "https://")):
            self.link_clicked.emit(address)


class Engine(QObject):
    """Makes and serves pages. UI thread. Close every page before `close`."""

    def __init__(self, copies: Path) -> None:
        super().__init__()
        self._copies = copies
        self._pages: dict[str, Page] = {}
        _close_network()
        self._ending: list[Page] = []
        if QWebEngineUrlScheme.schemeByName(_SCHEME).name().isEmpty():
            QWebEngineUrlScheme.registerScheme(_scheme())
        self._handler = _Handler(self)
        self._interceptor = _Interceptor(self)
        self._profile = QWebEngineProfile()  # without a name: off the record
        self._profile.setParent(self)
        self._profile.installUrlSchemeHandler(_SCHEME, self._handler)
        self._profile.setUrlRequestInterceptor(self._interceptor)
        self._profile.setSpellCheckEnabled(False)
        self._profile.setPushServiceEnabled(False)
        self._profile.setHttpCacheType(QWebEngineProfile.HttpCacheType.NoCache)
        self._profile.downloadRequested.connect(self._on_download)
        script = QWebEngineScript()
        script.setSourceCode(_NO_CALLS)
        script.setInjectionPoint(QWebEngineScript.InjectionPoint.DocumentCreation)
        script.setWorldId(QWebEngineScript.ScriptWorldId.MainWorld)
        script.setRunsOnSubFrames(True)
        self._profile.scripts().insert(script)
        settings = self._profile.settings()
        for attribute in _OFF:
            settings.setAttribute(attribute, False)
        for attribute in _ON:
            settings.setAttribute(attribute, True)

    def new_page(
        self, text: bytes, packages: tuple[Path, ...], folder: Path | None, served: str, parent: QObject
    ) -> Page:
        """A page of `text`, not loaded yet; `Policy` says what the others mean."""
        id = secrets.token_hex(8)
        page = Page(self._profile, Policy(id, self._copies, packages, folder, served), text, parent)
        self._pages[_host(page.policy.origin)] = page
        self.heed_allowances()
        return page

    def close_page(self, page: Page) -> None:
        """End a page; the process that ran it ends by itself."""
        self._pages.pop(_host(page.policy.origin), None)
        self.heed_allowances()
        self._ending = [each for each in self._ending if shiboken6.isValid(each)] + [page]
        page.deleteLater()

    def heed_allowances(self) -> None:
        """Give Chromium the network as long as a page may use some of it; without one its proxy is a place where nobody
        listens. So what asks for no address (a connection made in advance) reaches nobody either."""
        is_open = any(page.policy.allowed or page.policy.served for page in self._pages.values())
        _open_network() if is_open else _close_network()

    def page_at(self, url: QUrl) -> Page | None:
        """The page whose origin that of `url` is."""
        return self._pages.get(_host(_text(url)))

    def close(self) -> None:
        """End the profile, and before it what is left of pages: nothing may be deleted later, the loop has ended."""
        for page in (*self._pages.values(), *self._ending):
            if shiboken6.isValid(page):
                shiboken6.delete(page)
        self._pages.clear()
        self._ending.clear()
        shiboken6.delete(self)

    def _on_download(self, request: QWebEngineDownloadRequest) -> None:
        name, page = request.suggestedFileName() or request.downloadFileName(), request.page()
        request.cancel()
        if isinstance(page, Page):
            page.download_blocked.emit(name)


class _Interceptor(QWebEngineUrlRequestInterceptor):
    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._engine = engine

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        """Each request of each page passes here, also those of its frames and workers."""
        page = self._engine.page_at(info.firstPartyUrl())
        if page is None:  # a worker that outlives its page, or nothing of ours
            info.block(True)
            return
        verdict = page.policy.judge(_text(info.requestUrl()))
        if verdict.act == "redirect":
            info.redirect(QUrl(verdict.place))
        elif verdict.act == "block":
            info.block(True)
            page.tell_blocked(verdict.place)


class _Handler(QWebEngineUrlSchemeHandler):
    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._engine = engine

    def requestStarted(self, job: QWebEngineUrlRequestJob) -> None:
        """Answer from memory, or from a file that the page may read."""
        url = job.requestUrl()
        page = self._engine.page_at(url)
        if page is None or job.requestMethod().data() not in (b"GET", b"HEAD"):
            job.fail(QWebEngineUrlRequestJob.Error.RequestDenied)
            return
        job.setAdditionalResponseHeaders(
            {QByteArray(name): [QByteArray(value)] for name, value in _HEADERS.items()}  # type: ignore[misc]  # a multi map
        )
        path = url.path()
        if path in ("", "/"):
            buffer = QBuffer(job)
            buffer.setData(page.text)
            job.reply(b"text/html;charset=utf-8", buffer)
            return
        file = page.policy.file_of(path)
        device = QFile(str(file), job)  # read by a thread of Chromium's
        if file is not None and device.open(QIODevice.OpenModeFlag.ReadOnly):
            job.reply(mime_of(file).encode(), device)
        else:
            job.fail(QWebEngineUrlRequestJob.Error.UrlNotFound)


def _scheme() -> QWebEngineUrlScheme:
    scheme = QWebEngineUrlScheme(_SCHEME)
    scheme.setSyntax(QWebEngineUrlScheme.Syntax.Host)
    # A secure context, as scripts expect; no service workers, no local files, no way around the page's own rules.
    scheme.setFlags(QWebEngineUrlScheme.Flag.SecureScheme | QWebEngineUrlScheme.Flag.CorsEnabled)
    return scheme


def _close_network() -> None:
    QNetworkProxyFactory.setUseSystemConfiguration(False)
    QNetworkProxy.setApplicationProxy(QNetworkProxy(QNetworkProxy.ProxyType.HttpProxy, "127.0.0.1", _NOBODYS_PORT))


def _open_network() -> None:
    QNetworkProxy.setApplicationProxy(QNetworkProxy(QNetworkProxy.ProxyType.NoProxy))
    QNetworkProxyFactory.setUseSystemConfiguration(True)


def _deny(permission: QWebEnginePermission) -> None:
    permission.deny()


def _text(url: QUrl | str) -> str:
    return url if isinstance(url, str) else url.toString(QUrl.ComponentFormattingOption.FullyEncoded)


def _host(address: str) -> str:
    """Scheme, host and port: what tells one page from another."""
    url = QUrl(address)
    return f"{url.scheme()}://{url.host()}:{url.port()}"
