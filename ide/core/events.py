"""The one door to the event library used below Qt.

Listeners run on the emitting thread, so only the UI thread emits. Event names are past tense.
"""

from psygnal import Signal, SignalInstance

__all__ = ["Signal", "SignalInstance"]
