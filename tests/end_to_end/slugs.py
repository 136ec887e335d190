"""Home Assistant's own slugify, asked in the testbed, and our program's beside it.

slugs.py                        writes tests/fixtures/slugs.json anew
slugs.py --differences BINARY   prints where the program differs, as src/settings/slug/older.txt has it
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

FIXTURE = Path(__file__).parents[1] / "fixtures" / "slugs.json"
ASK = """
import json, sys
from homeassistant.util import slugify
json.dump([slugify(name) for name in json.load(sys.stdin)], sys.stdout)
"""
# What Home Assistant makes of a name in which nothing can be written; ours numbers such a zone.
NOTHING = "unknown"
ZONE = re.compile(r"^  Zone (n(\d+) .*) \(([a-z0-9_]*)\): camera", re.MULTILINE)

# Rooms in many tongues, and what people type.
NAMES = """
Kitchen|Living Room|  Living   Room |Kid's room|Kid’s room|Kids' "play" room|Mom & Dad|Bath/WC|1st floor|2. OG|Room #3|A+B|A, B|Room 1,000|1,5 bath
½ bath|Level −1|Étage 2ème|10:30 room|50% room|user@home|Guest–room|Guest—room|Öl_raum--2|__x__|x...y|tab\tname|UPPER lower|naïve café|№ 5|CO₂ room|m² room
Wohnzimmer|Küche & Bad|Großes Zimmer|Öl-Raum|Schlafzimmer (oben)|Straße|Vorräume|GROẞ|Salle à manger|Chambre d'amis|Œuvre|Garçon|Niño|Baño|Señor|Cozinha|Sótão|Área de serviço
Cucina|Camera più grande|Łazienka|Sypialnia dzieci|Żółty pokój|Źródło|Kuchyně|Dětský pokoj|Příšerně|Ložnica|Đnevna soba|Čitalnica|Kúpeľňa|Nappali|Gyerekszoba őű|Bucătărie|Camera copiilor șț|Olohuone|Työhuone|Sovrum|Kök
Stue|Køkken|Værelse|Badeværelse å|Stofa þ ð|Elutuba|Virtuvė|Vannasistaba ģķļņ|Oturma odası|Çalışma odası ğİı|Кухня-ёлка|Гостиная|Спальня|Щётка|Подъезд|Їдальня|Ґанок|Вітальня є|Кухня і ўзор|Дневна соба|Ђурђа ћ љ њ џ|Кухничка ѓ ќ|Кухня ъ
Κουζίνα|Σαλόνι|Υπνοδωμάτιο|Խոհանոց|სამზარეულო|מטבח|חדר שינה|מִטְבָּח|مطبخ|غرفة المعيشة|آشپزخانه|اتاق خواب|پذیرایی|باورچی خانہ|چائے|रसोई|बैठक|স্বয়নকক্ষ|রান্নাঘর|ਰਸੋਈ|રસોડું|சமையலறை|వంటగది|ಅಡುಗೆಮನೆ|അടുക്കള|ඉස්තෝප්පුව|ห้องครัว|ห้องน้ำ|ຫ້ອງຄົວ|မီးဖိုချောင်|ផ្ទះបាយ|བོད|ኩሽና
客厅|卧室|厨房|儿童房|洗手间|什么房间|價錢|客廳|浴室|廚房|リビング|ペット部屋|パパの部屋|ぽかぽか|子供部屋|がらくた|キッチン|トイレ・バス|ガレージ|ﾄｲﾚ|거실|부엌|아이 방|욕실|Phòng khách|Nhà bếp|Phòng ngủ|Jikoni|Ibi idana|Àwárí|Ọ̀dẹ̀dẹ̀|Hōʻike|Kīhini
☕|!!!|🍴|Kitchen ☕🍴|👨‍👩‍👧 room|❤️ room|→ room|★ room|™ room|© room|…|'|"|-|_|0|٣ غرفة|३ कमरा|Ⅳ floor|ﬁrst|Ⓐ room|𝓚itchen|Ａ１|ǆ|ŉ|ß
""".strip()


def names() -> list[str]:
    return [name for line in NAMES.splitlines() for name in line.split("|")]


def home_assistants(wanted: list[str]) -> list[str]:
    """What Home Assistant's slugify answers for each; empty where it finds nothing."""
    root = Path(os.environ.get("AICLEANER_TESTBED", "/var/cache/aicleaner-testbed")) / "root"
    python = ["chroot", str(root), "/srv/home-assistant/bin/python", "-c", ASK]
    answer = subprocess.run(python, input=json.dumps(wanted), capture_output=True, text=True, check=True, timeout=120)
    return ["" if slug == NOTHING else slug for slug in json.loads(answer.stdout)]


def ours(binary: Path, wanted: list[str]) -> list[str | None]:
    """The program's short name for each of many zones: names that begin with n and their number."""
    found: dict[int, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        options = Path(folder) / "options.json"
        for start in range(0, len(wanted), 1500):
            zones = [{"name": name, "cameras": ["camera.a"]} for name in wanted[start : start + 1500]]
            options.write_text(json.dumps({"zones": zones}, ensure_ascii=False))
            said = subprocess.run([binary, "check-config", options], capture_output=True, text=True, timeout=60).stdout
            found |= {int(match[2]): match[3] for match in ZONE.finditer(said)}
    return [found.get(number) for number in range(len(wanted))]


def signs() -> list[str]:
    """Every sign of the basic plane that can stand in a name, and the pictograms."""
    plane = [chr(code) for code in range(0xA0, 0x10000) if not 0xD800 <= code < 0xE000]
    written = [sign for sign in plane if unicodedata.category(sign) not in ("Cc", "Cn", "Co", "Zl", "Zp")]
    return written + [chr(code) for code in range(0x1F300, 0x1FAFF)]


def differences(binary: Path) -> list[tuple[str, str, str | None]]:
    """Each sign between two letters that the program spells otherwise, Home Assistant's way and ours."""
    wanted = signs()
    zones = [f"n{number} x{sign}y" for number, sign in enumerate(wanted)]
    return [
        (sign, theirs, mine)
        for sign, theirs, mine in zip(wanted, home_assistants(zones), ours(binary, zones), strict=True)
        if theirs != mine
    ]


def fixture() -> str:
    table = dict(zip(names(), home_assistants(names()), strict=True))
    return json.dumps(table, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--differences"]:
        for sign, theirs, _ in differences(Path(sys.argv[2])):
            spelled = theirs.split("_", 1)[1].removeprefix("x").removesuffix("y")
            print(f"{ord(sign):04X}={spelled}")
    else:
        FIXTURE.write_text(fixture())
