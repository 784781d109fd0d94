"""The pages in a browser: accessible, harmless with scripts on, printed on few sheets."""
