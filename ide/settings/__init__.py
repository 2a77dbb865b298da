"""Every setting, declared once; the layers that give it its value; the places on disk."""

from ide.settings.paths import Paths
from ide.settings.setting import Setting
from ide.settings.settings import Settings

__all__ = ["Paths", "Setting", "Settings"]
