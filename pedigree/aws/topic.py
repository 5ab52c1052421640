"""Messages to people through the SNS topic of the bootstrap stack."""

from pedigree.aws.clients import client
from pedigree.values import Account

MAX_SUBJECT = 99  # characters, of ASCII: it becomes the subject of an e-mail
MAX_MESSAGE = 262_144  # bytes
CUT = " [...]"


def publish_message(account: Account, subject: str, message: str) -> str:
    """Publish the message, cut to the lengths that SNS accepts, and return its id."""
    sns = client(account.credentials, "sns")
    return sns.publish(TopicArn=account.topic, Subject=shorten_subject(subject), Message=shorten_message(message))["MessageId"]


def shorten_subject(subject: str) -> str:
    """One line of printable ASCII: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
    line = " ".join(subject.encode("ascii", "replace").decode().split())
    printable = "".join(character for character in line if character.isprintable()) or "pedigree"
    return printable if len(printable) <= MAX_SUBJECT else printable[: MAX_SUBJECT - len(CUT)] + CUT


def shorten_message(message: str) -> str:
    """The text, cut to the size that SNS accepts; SNS refuses an empty message too."""
    encoded = message.encode()
    if len(encoded) <= MAX_MESSAGE:
        return message or "(no text)"
    return encoded[: MAX_MESSAGE - len(CUT)].decode(errors="ignore") + CUT
