"""The bundled sample: an invented district with realistic dirt, and a fast generator of large registers.

Everything is made up (示例省云岭市文澜区). It shows and tests the programme;
it is never a source of accuracy figures.
"""

from .big import write_big
from .district import write_district

__all__ = ["write_big", "write_district"]
