"""Risk tools as versioned data, and what their answers come to (docs/domain.md 5)."""

from models.risk_tools.dara import DARA
from models.risk_tools.dash import DASH_ACPO_27, DASH_SAFELIVES_24
from models.risk_tools.result import ToolResult, recommended_grade, result_of
from models.risk_tools.stalking import SDASH, SST
from models.risk_tools.tool import Question, Tool

TOOLS = {tool.tool: tool for tool in (DASH_ACPO_27, DASH_SAFELIVES_24, DARA, SDASH, SST)}
"""The version in force of each tool whose questions are known."""

__all__ = ["TOOLS", "Question", "Tool", "ToolResult", "recommended_grade", "result_of"]
