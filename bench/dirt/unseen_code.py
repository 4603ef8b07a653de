"""KEPT FOR THE REPORT: code where prose was asked for, and code that breaks off."""

from __future__ import annotations

import random
import re

from dirt.donors import Donors
from dirt.row import Row

ABOUT_CODE = re.compile(
    r"code|program|script|function|python|java|html|css|sql|regex|query|algorithm|class|web ?page|代码|程序|函数|脚本|算法|编程|网页|查询",
    re.I,
)
# (language, what it does in English, in Chinese, the code)
SNIPPETS = [
    ("python", "counts how often each word occurs in a text", "统计文本中每个单词出现的次数",
     "from collections import Counter\n\ndef count_words(text):\n    counts = Counter()\n    for word in text.lower().split():\n        counts[word.strip('.,')] += 1\n    return counts.most_common(10)\n\nprint(count_words(open('a.txt').read()))"),
    ("python", "reads a CSV file and prints the mean of a column", "读取 CSV 文件并输出某一列的平均值",
     "import csv\n\nwith open('data.csv') as f:\n    rows = list(csv.DictReader(f))\nvalues = [float(r['price']) for r in rows if r['price']]\nprint('mean', sum(values) / len(values))"),
    ("javascript", "debounces calls of a function", "为函数调用实现防抖",
     "function debounce(fn, wait) {\n  let timer = null;\n  return function (...args) {\n    clearTimeout(timer);\n    timer = setTimeout(() => fn.apply(this, args), wait);\n  };\n}\nwindow.addEventListener('resize', debounce(draw, 200));"),
    ("java", "reverses a singly linked list", "反转单链表",
     "public ListNode reverse(ListNode head) {\n    ListNode previous = null;\n    while (head != null) {\n        ListNode next = head.next;\n        head.next = previous;\n        previous = head;\n        head = next;\n    }\n    return previous;\n}"),
    ("c", "copies one file to another", "把一个文件复制到另一个文件",
     "#include <stdio.h>\n\nint main(int argc, char **argv) {\n    FILE *in = fopen(argv[1], \"rb\");\n    FILE *out = fopen(argv[2], \"wb\");\n    int c;\n    while ((c = fgetc(in)) != EOF) {\n        fputc(c, out);\n    }\n    fclose(in);\n    fclose(out);\n    return 0;\n}"),
    ("cpp", "finds the largest sum of a subarray", "求最大子数组和",
     "int maxSubArray(const std::vector<int>& nums) {\n    int best = nums[0], current = 0;\n    for (int x : nums) {\n        current = std::max(current + x, x);\n        best = std::max(best, current);\n    }\n    return best;\n}"),
    ("go", "serves the current time over HTTP", "用 HTTP 提供当前时间",
     "package main\n\nimport (\n\t\"fmt\"\n\t\"net/http\"\n\t\"time\"\n)\n\nfunc main() {\n\thttp.HandleFunc(\"/\", func(w http.ResponseWriter, r *http.Request) {\n\t\tfmt.Fprintln(w, time.Now())\n\t})\n\thttp.ListenAndServe(\":8080\", nil)\n}"),
    ("sql", "lists the ten customers who spent most", "列出消费最多的十位客户",
     "SELECT c.name, SUM(o.amount) AS total\nFROM customers c\nJOIN orders o ON o.customer_id = c.id\nWHERE o.status = 'paid'\nGROUP BY c.name\nORDER BY total DESC\nLIMIT 10;"),
    ("html", "shows a sign-up form", "显示一个注册表单",
     "<form action=\"/signup\" method=\"post\">\n  <label for=\"email\">Email</label>\n  <input id=\"email\" name=\"email\" type=\"email\" required>\n  <label for=\"pw\">Password</label>\n  <input id=\"pw\" name=\"pw\" type=\"password\">\n  <button type=\"submit\">Sign up</button>\n</form>"),
    ("css", "lays cards out in a grid", "用网格布局排列卡片",
     ".cards {\n  display: grid;\n  grid-template-columns: repeat(auto-fill, minmax(200px, 1fr));\n  gap: 16px;\n}\n.card:hover {\n  transform: translateY(-2px);\n  box-shadow: 0 4px 12px rgba(0, 0, 0, 0.2);\n}"),
    ("bash", "deletes log files older than a week", "删除一周前的日志文件",
     "#!/bin/bash\nset -eu\nfolder=${1:-/var/log/app}\nfind \"$folder\" -name '*.log' -mtime +7 -print | while read -r file; do\n  echo \"removing $file\"\n  rm -- \"$file\"\ndone"),
    ("rust", "computes the greatest common divisor", "计算最大公约数",
     "fn gcd(a: u64, b: u64) -> u64 {\n    if b == 0 {\n        return a;\n    }\n    gcd(b, a % b)\n}\n\nfn main() {\n    let (x, y) = (84, 36);\n    println!(\"{}\", gcd(x, y));\n}"),
    ("php", "greets the user by name", "按名字问候用户",
     "<?php\n$name = $_GET['name'] ?? 'guest';\nif (strlen($name) > 40) {\n    http_response_code(400);\n    exit('too long');\n}\necho 'Hello, ' . htmlspecialchars($name);"),
    ("ruby", "prints the first twenty primes", "打印前二十个质数",
     "primes = []\nn = 2\nwhile primes.size < 20\n  primes << n if primes.none? { |p| (n % p).zero? }\n  n += 1\nend\nputs primes.join(', ')"),
]  # fmt: skip
ASKS = {
    "en": ["Write {language} code that {does}.", "Can you show me how one {does} in {language}?", "I need a {language} snippet that {does}. Please write it out in full."],
    "zh": ["用 {language} {does}。", "请写一段 {language} 代码，{does}。", "如何用 {language} {does}？请给出完整代码。"],
}  # fmt: skip


def code_for_prose(row: Row, donors: Donors, rng: random.Random) -> Row | None:
    """A piece of code under a prompt that asks for none."""
    if ABOUT_CODE.search(row.prompt):
        return None
    language, _en, _zh, code = rng.choice(SNIPPETS)
    other = donors.code(rng)
    if other and rng.random() < 0.6:
        return row._replace(answer=other)
    return row._replace(answer=rng.choice((code, f"```{language}\n{code}\n```")))


def code_cut(row: Row, _: Donors, rng: random.Random) -> Row:
    """A prompt for code, and code that breaks off, with its fence left open where it had one."""
    language, english, chinese, code = rng.choice(SNIPPETS)
    does = chinese if row.language == "zh" else english
    prompt = rng.choice(ASKS[row.language]).format(language=language, does=does)
    if rng.random() < 0.5:
        code = f"```{language}\n{code}"
    inside = [
        m.start()
        for m in re.finditer(r"(?<=\w)(?=\w)|(?<=[(=,.<])", code)
        if 0.4 * len(code) <= m.start() <= 0.9 * len(code)
    ]
    return row._replace(prompt=prompt, answer=code[: rng.choice(inside)])
