"""Every setting, declared once; the layers that give it its value; the places on disk."""
