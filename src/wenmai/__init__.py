"""文脉 Wenmai: the working system of a district office for the cultural and creative industries."""

__version__ = "0.1.0"
