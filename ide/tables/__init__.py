"""What the data viewer needs to know of tables, wherever they live: pages, selections, texts of cells, filters, files.

Owns what works over any `ide.core.table.TableSource`. No Qt and no kernel: sources and timers arrive by constructor.
"""
