"""Office documents: GB/T 9704-2012 texts with native charts (.docx) and 附表 workbooks (.xlsx)."""

from wenmai.base.documents.official import OfficialDocument, Run
from wenmai.base.documents.placeholders import placeholders
from wenmai.base.documents.workbook import SheetSpec, write_workbook

__all__ = ["OfficialDocument", "Run", "SheetSpec", "placeholders", "write_workbook"]
