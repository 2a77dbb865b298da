"""Pages with scripts, shown behind a wall: a page reaches neither the program, nor files, nor the network, unless the
user allows it. What holds the wall: `docs/decisions/2026-11-28-web-pages-behind-a-wall.md`.

    addresses   which script addresses are answered from copies, and by which; pure
    page        makes one page of a shown object; pure
    policy      what a page may load; pure
    engine      the only module that imports WebEngine: profile, scheme, interceptor
    starting    when and how `engine` is imported, or why it cannot be
    web_view    the widget
"""
