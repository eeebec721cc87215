"""Every word of an e-mail, in both languages of the product."""

# ruff: noqa: RUF001  # Chinese punctuation

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; braces are filled in by the letters."""

    levels: tuple[str, str, str, str, str]
    short: tuple[str, str, str, str, str]
    subjects: dict[str, str]
    leads: dict[str, str]
    rows: dict[str, str]
    buttons: dict[str, str]
    notes: dict[str, str]
    reasons: dict[str, str]
    colon: str
    joint: str


ENGLISH = Words(
    levels=("not assessed", "low (blue)", "medium (yellow)", "high (orange)", "serious (red)"),
    short=("not assessed", "low", "medium", "high", "serious"),
    subjects={
        "raised": "[{level}] {product}: {action}",
        "lowered": "[{level}] {product}: all-clear, {action}",
        "withdrawn": "[{level}] {product}: warning withdrawn, {action}",
        "digest": "[digest] level changes: {count}, products: {products}, highest: {level}",
        "storm": "[{level}] and lower: {count} level changes of {products} products",
        "unacknowledged": "Not acknowledged: ",
        "confirm": "Please confirm: risk warnings for {department}",
        "switched_off": "Endpoint switched off: {department}",
        "switched_off_many": "Endpoints switched off: {count}",
        "none": "for information",
    },
    leads={
        "raised": "The risk level of {product} rose from {before} to {after}.",
        "lowered": "The risk level of {product} fell from {before} to {after}.",
        "withdrawn": "{product} was {before} and is not assessed any longer.",
        "digest": "These changes were below the level at which each is told by itself.",
        "storm": "Many changes came at once; they are told together so that each can still be seen.",
        "unacknowledged": "{office} has not acknowledged this warning in time. The product is now {now}.",
        "switched_off": "Switched off, so that no warnings arrive there any longer:",
        "confirm": "{organisation} asked that risk warnings for {department} be sent to this address.",
    },
    rows={
        "product": "Product",
        "before": "Level before",
        "after": "Level after",
        "index": "Risk index (0 to 100)",
        "interval": "{index}, likely {low} to {high}",
        "unknown": "not known",
        "shares": "Largest shares",
        "points": "{points} points",
        "factor": "Main factor",
        "actions": "To be done",
        "owner": "By whom",
        "deadline": "Until when",
        "changed": "Changed at",
        "number": "Change no.",
        "region": "Region",
        "department": "Department",
        "endpoint": "Endpoint",
        "subscription": "Subscription",
        "reason": "Why",
        "switched_off": "Switched off at",
    },
    buttons={
        "acknowledge": "Acknowledge this warning",
        "details": "Details for programs (API key needed)",
        "everything": "Every change with its reason, for programs (API key needed)",
        "confirm": "Confirm this address",
        "unsubscribe": "Stop these digests",
    },
    notes={
        "acknowledge": "The button opens a page; nothing is recorded before you press its button.",
        "confirm": "If you know nothing of this, do nothing: nothing else will be sent to you. "
        "The link ends on {ends}.",
        "more": "Products not listed here: {count}.",
        "more_endpoints": "Endpoints not listed here: {count}.",
        "switched_off": "What is missed meanwhile is kept for 30 days. After mending, switch on again "
        "(POST /v1/subscriptions/{id}/enable) and ask for what was missed "
        "(POST /v1/subscriptions/{id}/replay).",
        "footer": "Sent automatically for {department}. Replies are not read.",
        "duty": "A warning of this kind is part of a duty and cannot be unsubscribed from by e-mail.",
    },
    reasons={
        "every attempt failed": "every attempt failed for 120 hours",
        "status 410": "it answered that it is gone (status 410)",
    },
    colon=": ",
    joint=", ",
)
CHINESE = Words(
    levels=("未评估", "低风险（蓝色）", "中风险（黄色）", "高风险（橙色）", "严重风险（红色）"),
    short=("未评估", "低", "中", "高", "严重"),
    subjects={
        "raised": "【{level}】{product}：{action}",
        "lowered": "【{level}】{product}：预警解除，{action}",
        "withdrawn": "【{level}】{product}：预警撤回，{action}",
        "digest": "【汇总】{products}个产品的{count}次等级变化，最高：{level}",
        "storm": "【{level}及以下】{products}个产品共{count}次等级变化",
        "unacknowledged": "【尚未确认】",
        "confirm": "请确认：{department}的风险预警邮件",
        "switched_off": "预警接收端已停用：{department}",
        "switched_off_many": "{count}个预警接收端已停用",
        "none": "请知悉",
    },
    leads={
        "raised": "{product}的风险等级由{before}升至{after}。",
        "lowered": "{product}的风险等级由{before}降至{after}。",
        "withdrawn": "{product}原为{before}，现不再评估。",
        "digest": "下列变化未达到逐条通知的等级，汇总如下。",
        "storm": "短时间内变化较多，为便于阅读合并通知如下。",
        "unacknowledged": "{office}未在规定时间内确认收到本预警。该产品目前等级：{now}。",
        "switched_off": "下列接收端已停用，预警不再送达。",
        "confirm": "{organisation}请求将{department}的风险预警发送到本邮箱。",
    },
    rows={
        "product": "产品",
        "before": "变化前等级",
        "after": "变化后等级",
        "index": "风险指数（0至100）",
        "interval": "{index}，可能范围{low}至{high}",
        "unknown": "未知",
        "shares": "主要构成",
        "points": "{points}分",
        "factor": "主要因素",
        "actions": "应对措施",
        "owner": "责任单位",
        "deadline": "期限",
        "changed": "变化时间",
        "number": "变化序号",
        "region": "地区",
        "department": "部门",
        "endpoint": "接收端",
        "subscription": "订阅编号",
        "reason": "原因",
        "switched_off": "停用时间",
    },
    buttons={
        "acknowledge": "确认收到本预警",
        "details": "程序接口：产品详情（需API密钥）",
        "everything": "程序接口：全部变化及原因（需API密钥）",
        "confirm": "确认本邮箱",
        "unsubscribe": "不再接收汇总邮件",
    },
    notes={
        "acknowledge": "按钮将打开一个页面；在该页面上按下按钮之前不会记录任何内容。",
        "confirm": "如您不知此事，请不必理会：我们不会再向您发送其他邮件。链接有效期至{ends}。",
        "more": "另有{count}个产品未在此列出。",
        "more_endpoints": "另有{count}个接收端未在此列出。",
        "switched_off": "未送达的预警保留30天。修复后请重新启用"
        "（POST /v1/subscriptions/{id}/enable），"
        "并请求补发（POST /v1/subscriptions/{id}/replay）。",
        "footer": "本邮件由系统自动发送给{department}，回复无人阅读。",
        "duty": "此类预警属于职责事项，不能通过邮件退订。",
    },
    reasons={
        "every attempt failed": "连续120小时全部发送失败",
        "status 410": "接收端答复已不存在（状态码410）",
    },
    colon="：",
    joint="、",
)
LANGUAGES = {"en": ENGLISH, "zh": CHINESE}

FACTORS = {
    "UNIQ": ("identity uniqueness", "身份唯一性"),
    "COPY": ("anti-copying", "防复制性"),
    "STAB": ("stability period", "稳定期"),
    "SAFE": ("time of safety", "安全期"),
    "STRN": ("anti-counterfeiting strength", "防伪力度"),
    "ADAP": ("fitness for the goods", "使用适应性"),
    "RECG": ("recognition in the required time", "识别性能"),
    "ENVR": ("performance in its environment", "使用环境要求"),
    "XFER": ("not transferable to another item", "不可转移性"),
    "CONF": ("confidentiality of design and making", "技术安全保密性"),
    "QUAL": ("general quality against its standard", "一般质量"),
    "TRAC": ("traceability of codes", "编码可追溯性"),
    "MKT": ("counterfeits on the market", "市场假冒情况"),
    "OPIN": ("public opinion", "舆情"),
    "INTG": ("integrity of the enterprise", "企业诚信"),
}
"""The shipped factors in English and Chinese; the translation is ours."""

SHIPPED = {
    "obtain evidence": "获取证据",
    "tell the owner of a silent source": "通知无数据来源的负责单位",
    "routine monitoring": "日常监测",
    "take into the next sampling plan": "列入下一抽样计划",
    "rectify with technical service": "通过技术服务进行整改",
    "special monitoring": "专项监测",
    "spot check": "监督抽查",
    "report to the General Administration": "上报总局",
    "assess a recall": "评估召回",
    "investigate": "调查",
    "monitoring centre": "监测中心",
    "supervision department concerned": "相关监管部门",
    "at the next sampling plan": "下一抽样计划时",
    "none": "无",
    "7 days": "7日内",
    "at once": "立即",
}
"""Chinese of the coping strategies of the shipped policy (ours); other policies speak for themselves."""


def factor_name(code: str, language: str) -> str:
    """Return the name of a factor, or its code where the policy added it."""
    english, chinese = FACTORS.get(code, (code, code))
    return chinese if language == "zh" else english


def policy_phrase(phrase: str, language: str) -> str:
    """Return a phrase of a policy in the reader's language where we have it there."""
    return SHIPPED.get(phrase, phrase) if language == "zh" else phrase
