"""Chinese fact tables and templates; `rows(rng)` turns them into training rows in the house style (see README.md)."""

from itertools import cycle

from near import Seen, row_text

TOPICS = {
    "cooking": "烹饪",
    "health": "健康",
    "history": "历史",
    "science": "科学",
    "programming": "编程",
    "travel": "旅行",
    "money": "理财",
    "language": "语言",
    "work": "工作",
    "nature": "自然",
}

# 省份 | 省会 | 简称 | 特色
PROVINCES = """
河北|石家庄|冀|赵州桥就在该省
山西|太原|晋|当地以面食和陈醋闻名
吉林|长春|吉|长白山是那里的名山
黑龙江|哈尔滨|黑|冬天的冰雪景观很有名
江苏|南京|苏|苏州园林享誉中外
浙江|杭州|浙|西湖边出产龙井茶
安徽|合肥|皖|黄山以奇松云海著称
福建|福州|闽|土楼是特色民居
江西|南昌|赣|景德镇自古出产瓷器
山东|济南|鲁|泰山坐落在那里
河南|郑州|豫|龙门石窟在洛阳
广东|广州|粤|早茶文化十分兴盛
海南|海口|琼|四面环海，气候炎热
青海|西宁|青|青海湖是咸水湖
"""

# 国家 | 首都 | 大洲 | 货币 | 名胜
COUNTRIES = """
法国|巴黎|欧洲|欧元|埃菲尔铁塔
日本|东京|亚洲|日元|富士山
埃及|开罗|非洲|埃及镑|金字塔
泰国|曼谷|亚洲|泰铢|大皇宫
秘鲁|利马|南美洲|索尔|马丘比丘遗址
肯尼亚|内罗毕|非洲|肯尼亚先令|马赛马拉草原
澳大利亚|堪培拉|大洋洲|澳元|大堡礁
加拿大|渥太华|北美洲|加元|尼亚加拉瀑布
挪威|奥斯陆|欧洲|挪威克朗|峡湾风光
越南|河内|亚洲|越南盾|下龙湾
"""

# 元素 | 符号 | 原子序数 | 类别 | 性质 | 用途
ELEMENTS = """
氢|H|1|非金属|它是最轻的气体|可用于燃料电池
碳|C|6|非金属|它能组成很软的石墨和极硬的金刚石|可做铅笔芯
氧|O|8|非金属|它在常温下是无色气体，能支持燃烧|可供人呼吸
钠|Na|11|金属|它质软、有光泽，遇水反应剧烈|可制成照明用的钠灯
铝|Al|13|金属|它轻而有光泽，容易导电导热|常用来做门窗
硫|S|16|非金属|它是黄色固体，很脆，不导电|可用来制硫酸
铁|Fe|26|金属|它能被磁铁吸引，也能导电|是炼钢的主要原料
铜|Cu|29|金属|它呈紫红色，导电性很好|常用来做电线
银|Ag|47|金属|它是导电性最好的单质，富有光泽|可做首饰
碘|I|53|非金属|它是紫黑色固体，容易升华，不像金属那样导电|可配制消毒药水
金|Au|79|金属|它色黄、延展性极好，可以导电|可做首饰和触点
汞|Hg|80|金属|它在常温下是液体，有银白光泽，能导电|曾用于体温计
"""

# 成语 | 释义 | 褒贬
IDIOMS = """
画蛇添足|做了多余的事，反而不恰当|贬义
掩耳盗铃|欺骗自己，明明掩盖不住的事偏要设法掩盖|贬义
守株待兔|不主动努力，只想靠侥幸得到收获|贬义
狐假虎威|倚仗别人的势力来吓唬、欺压人|贬义
半途而废|事情没做完就停止，不能坚持到底|贬义
见利忘义|看到好处就忘掉道义|贬义
自吹自擂|自己夸耀自己，毫不谦虚|贬义
雪中送炭|在别人最需要的时候给予帮助|褒义
精益求精|已经很好了，还要求做得更好|褒义
见义勇为|看到正义的事就勇敢地去做|褒义
一丝不苟|做事认真细致，一点也不马虎|褒义
持之以恒|有恒心地长久坚持下去|褒义
舍己为人|为了帮助他人而放弃自己的利益|褒义
实事求是|从实际情况出发，正确对待和处理问题|褒义
"""

# 词 | 反义词 | 例句
OPPOSITES = """
谦虚|骄傲|谦虚使人进步，骄傲使人落后
节约|浪费|水要节约着用，别白白浪费
勇敢|胆怯|妹妹从胆怯变得勇敢，敢上台唱歌了
拥挤|宽敞|旧车厢拥挤，新车厢宽敞多了
清晰|模糊|戴上眼镜，模糊的字迹变清晰了
寒冷|炎热|北方的冬天寒冷，南方的夏天炎热
稀少|众多|村里年轻人稀少，老人却众多
陌生|熟悉|陌生的街道走久了也就熟悉了
迟钝|敏捷|小猫动作敏捷，一点也不迟钝
"""

# 节气 | 大约日期 | 含义
TERMS = """
立春|二月四日|标志着春季开始
惊蛰|三月五日|天气回暖，春雷惊醒冬眠的虫子
清明|四月五日|草木萌发，人们踏青扫墓
芒种|六月六日|麦类收割，晚谷播种，农事繁忙
夏至|六月二十一日|北半球白天最长
白露|九月八日|夜间转凉，草叶上凝结露水
霜降|十月二十三日|天气渐冷，开始出现霜
冬至|十二月二十二日|北半球白天最短，许多地方吃饺子
"""

# 成果 | 人物 | 国家或朝代 | 年代 | 动词 | 意义
INVENTIONS = """
电话|贝尔|美国|1876年|发明|让远方的人也能交谈
地动仪|张衡|东汉|公元132年|发明|可以测知远处的地震
活字印刷术|毕昇|北宋|11世纪40年代|发明|使印书更快更省
达纳炸药|诺贝尔|瑞典|1867年|发明|大大方便了开山筑路
X射线|伦琴|德国|1895年|发现|使医生能看到体内骨骼
听诊器|雷奈克|法国|1816年|发明|让医生能听清心肺的声音
留声机|爱迪生|美国|1877年|发明|让人们第一次留住了声音
避雷针|富兰克林|美国|18世纪50年代|发明|保护高楼免遭雷击
牛痘接种法|琴纳|英国|1796年|发明|帮助人类战胜了天花
万维网|伯纳斯-李|英国|1989年|提出|使人们能方便地浏览信息
镭元素|居里夫妇|法国|1898年|发现|推动了放射性研究
"""

# 数量单位 | 目标单位 | 倍数 | 主题
UNITS = """
公里|米|1000|travel
斤|克|500|cooking
小时|分钟|60|work
吨|公斤|1000|work
升|毫升|1000|cooking
华里|米|500|travel
周|天|7|work
公顷|平方米|10000|nature
元|分|100|money
英尺|英寸|12|science
"""

# 任务 ~ 代码
SNIPPETS = """
求列表 nums 中的最大值~max(nums)
把字符串 s 反转~s[::-1]
统计列表 words 的元素个数~len(words)
把列表 a 按从大到小排好~sorted(a, reverse=True)
判断整数 n 是否为偶数~n % 2 == 0
去掉字符串 line 两端的空白~line.strip()
生成一到十的平方组成的列表~[i * i for i in range(1, 11)]
用逗号把列表 parts 里的字符串连起来~",".join(parts)
取字典 d 中键 k 的值，没有时得到 0~d.get(k, 0)
对列表 prices 求平均数~sum(prices) / len(prices)
"""

# 动物 | 类别 | 住处 | 食物 | 特点 | 分类依据
ANIMALS = """
川金丝猴|哺乳类|高山密林|嫩芽、树叶和果实|毛色金黄，喜欢成群活动|它胎生，用乳汁哺育幼崽
丹顶鹤|鸟类|芦苇沼泽|小鱼、昆虫和水草|头顶有一块鲜红的皮肤|它有羽毛，产卵繁殖
扬子鳄|爬行类|长江中下游的池沼|螺、鱼和虾|冬天会躲进洞穴冬眠|它体表有鳞甲，用肺呼吸
大鲵|两栖类|清凉的山间溪流|鱼、虾和螃蟹|白天躲在石缝里，夜里出来觅食|幼体用鳃呼吸，成体主要用肺和皮肤呼吸
帝企鹅|鸟类|南极的冰原|磷虾、鱼和乌贼|不会飞，却擅长潜水|它身披羽毛，由卵孵化
蓝鲸|哺乳类|各大洋|磷虾|是已知体形最大的动物|它用肺呼吸，胎生哺乳
海马|鱼类|浅海的藻丛|小型甲壳动物|靠雄性在育儿袋里孵卵|它终生用鳃呼吸，有鳍
绿海龟|爬行类|温暖的海域|海草和海藻|会回到出生的沙滩产卵|它有甲壳，在陆地产卵
黑斑蛙|两栖类|稻田和池塘边|各种昆虫|舌头又长又黏|幼体蝌蚪生活在水中，成体可上岸
家燕|鸟类|屋檐下的泥巢|飞虫|秋天飞往南方过冬|它有翅膀和羽毛，会筑巢产卵
双峰驼|哺乳类|戈壁荒漠|耐旱的草和灌木|能靠驼峰里的脂肪熬过饥饿|它全身有毛，用乳汁育幼
中华鲟|鱼类|长江和近海|底栖小动物|成年后从海里洄游到江中产卵|它靠鳃呼吸，用鳍游泳
"""

NAMES = [
    "陈立",
    "孙梅",
    "吴强",
    "郑洁",
    "何涛",
    "罗敏",
    "宋辉",
    "唐宁",
    "韩雪",
    "许峰",
    "邓兰",
    "曹阳",
    "彭丽",
    "蒋文",
    "沈波",
    "叶青",
]
TOWNS = [
    "清河镇",
    "白石县",
    "柳湾村",
    "松岭市",
    "南塘镇",
    "云溪县",
    "石桥村",
    "望海市",
    "梨园镇",
    "东岗县",
    "竹溪村",
    "金沙市",
]
DAYS = ["周一", "周二", "周三", "周四", "周五"]
MONTHS = ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"]

# 场馆 | 卖点 | 免费对象 | 票价
VENUES = """
海洋馆|能看到会发光的水母|一米二以下的儿童|六十元
茶文化馆|可以亲手学做一壶好茶|七十岁以上的老人|二十元
天文台|夜里能用大望远镜看土星|在校教师|三十元
蝴蝶园|上千只蝴蝶在温室里飞舞|残疾人|二十五元
铁路博物馆|展出七台老式蒸汽机车|现役军人|十五元
植物温室|栽有三百多种热带植物|本地中小学生|十八元
皮影剧场|每晚演一出三国故事|医护人员|四十元
"""

# 活动 | 起因 | 结果 | 地点 | 主题
EVENTS = """
植树|去年山洪冲走了表土|种下八百棵杨树|河滩|nature
旧书义卖|小学缺少课外书|筹到六千元|文化广场|money
修桥|暴雨冲垮了木桥|只用三天就恢复了通行|村口|work
体检|不少老人多年没有查过身体|查出二十六人血压偏高|卫生院|health
电脑夜校|外出打工的人想学编程|四十人领到证书|中学机房|programming
灯会|大家盼望过个热闹的元宵节|吸引游客两万人|老街|history
湖面清洁|水上漂着许多塑料袋|捞起垃圾一吨半|湖边|nature
"""

# 商品 | 单价 | 颜色或规格 | 店铺
GOODS = """
羊毛围巾|88|深灰色|暖冬服饰
折叠台灯|129|白色|明光电器
帆布书包|76|墨绿色|学友文具
不粘炒锅|168|三十厘米|乐厨用品
登山鞋|299|四十二码|远足户外
龙井茶|240|半斤装|翠叶茶庄
蓝牙耳机|199|黑色|声悦数码
真丝枕套|95|浅粉色|安眠家纺
"""

# 职位 | 要求 | 月薪 | 行业主题
JOBS = """
厨师|会做川菜|九千元|cooking
护士|持有护士执业证|七千元|health
后端工程师|熟悉 Python|一万五千元|programming
导游|普通话流利|六千元|travel
出纳|做事仔细|五千五百元|money
俄语翻译|有两年经验|一万元|language
实验员|懂化学分析|八千元|science
园林工|能吃苦耐劳|五千元|nature
"""

# 失物 | 特征 | 遗失处
LOST = """
黑色钱包|内有一张图书证|十路公交车上
红框眼镜|镜腿缠着胶布|游泳馆更衣室
银色钥匙串|挂着小熊|菜市场东门
蓝色保温杯|杯底刻着“平安”|二号教学楼
灰鹦鹉|会说“恭喜”|花园小区
棕色小狗|左耳有白斑|滨江公园
"""

# 项目全文 | 缩写 | 原因 | 结果全文 | 结果缩写
PROJECTS = """
把闲置的粮仓改建成图书馆|粮仓变身图书馆|孩子们放学后没有地方看书|开馆首月就有三千人次前来借阅|首月借阅三千人次
给老街铺设了新的排水管|老街换了排水管|每逢大雨街面积水过膝|今夏两场暴雨都没有再淹水|暴雨不再积水
开通了直达医院的公交专线|开通医院公交专线|老人看病要转三趟车|路上的时间缩短了一半|看病路程省时一半
推广稻田养鸭|推广稻田养鸭|农药用量年年上升|农药用得少了，每亩还多收入六百元|少用药又增收
为独居老人安装了一键呼叫器|独居老人有了呼叫器|去年有老人摔倒无人知晓|半年里已救助十一位老人|半年救助十一人
恢复了中断二十年的端午龙舟赛|龙舟赛重新举办|年轻人对传统节日越来越陌生|两岸来了一万多名观众|吸引万名观众
把小学食堂交给家长轮流监督|家长轮流监督食堂|有家长反映饭菜太凉|学生剩饭减少了三成|剩饭减三成
在山坡上建起了光伏电站|山坡建光伏电站|荒坡土薄不能种粮|一年发的电够两千户使用|可供两千户用电
将废旧轮胎做成儿童乐园|旧轮胎做成乐园|轮胎堆在路边又脏又危险|轮胎清走了，孩子又有了玩的地方|变废为宝
开办了方言童谣班|开办方言童谣班|会唱老童谣的人只剩几位|五十个孩子学会了二十首|五十个孩子学会老歌
"""

# 对象 | 发现全文 | 发现缩写 | 建议 | 主题
STUDIES = """
中学生|每天吃早饭的人上午注意力更集中|吃早饭有助专心|学校推迟第一节课|health
上班族|中午小睡二十分钟后出错更少|午间小睡能减少出错|公司设休息室|work
退休老人|常下棋的人记忆力衰退较慢|下棋有益记忆|社区多办棋类活动|health
果农|在果园里养蜂后坐果率明显提高|养蜂可提高坐果率|少在花期喷药|nature
外语学习者|睡前复习的单词第二天记得更牢|睡前复习记词更牢|把背单词放在晚上|language
程序员|结对检查代码后漏洞减少了四成|互查代码能减少漏洞|团队每周互查一次|programming
超市顾客|先写清单再购物的人花钱更少|列清单购物更省钱|出门前写好清单|money
游客|旅途越赶的人满意度越低|行程太赶会降低满意度|每天只排两个景点|travel
食堂就餐者|换成小号餐盘后浪费明显变少|小餐盘能减少浪费|餐馆提供小份菜|cooking
博物馆观众|自己动手的展品让人记得最久|动手的展品印象最深|增设互动展台|history
"""

# 商品 | 优点 | 优点缩写 | 缺点 | 缺点缩写
FEEDBACK = """
电饭煲|煮出来的饭粒粒分明，预约功能也好用|饭香好用|内胆涂层用了两个月就有划痕|内胆易划
行李箱|轮子很安静，空间分得合理|静音能装|拉杆有点晃，推久了手酸|拉杆不稳
跑步机|速度调节平稳，折起来不占地方|平稳省地|说明书全是英文，装了一下午|安装麻烦
记账软件|界面清爽，自动分类很准|清爽准确|导出报表要另外收费|导出收费
电子词典|词条丰富，例句还有真人发音|词多音准|屏幕在阳光下看不清|屏幕偏暗
天文望远镜|看月亮的环形山清清楚楚|成像清楚|三脚架太轻，风一吹就抖|支架太轻
儿童历史绘本|画面精美，孩子天天要听|精美耐看|有两页印反了，客服回复又慢|印刷和客服欠佳
防晒帽|帽檐宽，收起来只有巴掌大|遮阳便携|系带太短，骑车时会掉|系带偏短
"""

# 部门 | 讨论 | 决定全文 | 决定缩写 | 主题
MEETINGS = """
研发部|新版本上线后偶尔闪退|先回退到旧版，月底前查清原因|先回退再查因|programming
食堂|入夏以后剩菜变多|午餐改为半份起售，汤免费添加|改卖半份菜|cooking
旅行社|雨季山路常有落石|六月到八月停开山区线路，改走古镇|雨季改走古镇|travel
财务科|报销单据堆积如山|从下月起全部改用电子发票，每周三集中付款|改用电子发票|money
校医室|流感学生增多|各班每天开窗三次，发烧的学生在家休息|开窗通风，病者居家|health
实验室|试剂过期浪费严重|建立领用登记表，由两人共同保管|登记领用、双人保管|science
翻译组|同一个术语译法不一|编一份统一的术语表，每月更新|统一术语表|language
"""

# 主题 | 题目 | 点子
IDEAS = """
cooking|用南瓜做的家常菜|南瓜小米粥、蒸南瓜饼、咸蛋黄焗南瓜、南瓜炒百合、南瓜浓汤
cooking|适合带去公司的午饭|鸡肉卷饼、番茄牛腩饭、凉拌荞麦面、三明治、紫菜饭卷
cooking|消耗半颗白菜的做法|醋溜白菜、白菜豆腐汤、白菜猪肉饺子、辣白菜、白菜炖粉条
cooking|夏天的开胃小菜|拍黄瓜、凉拌木耳、糖拌番茄、蒜泥茄子、酸辣藕片
health|保护视力的小习惯|看书时光线充足、常常远眺、多去户外、少在车上看手机、定期查视力
health|让自己多喝水的办法|桌上放大水杯、设定提醒、加片柠檬、饭前先喝一杯、记录每天饮水量
health|缓解考试紧张的方法|慢慢深呼吸、提前熟悉考场、听轻音乐、和朋友聊聊、早点睡觉
health|感冒时可以做的事|多休息、喝温水、开窗通风、戴好口罩、高烧及时就医
history|参观古城时可以问导游的问题|城墙是哪年修的、城门为何朝南、古人怎样取水、哪座房子最老、城里出过哪些名人
history|写家史可以收集的材料|老照片、旧信件、粮票和证件、长辈的口述、祖屋的地契
history|历史社团的招新口号|与古人做朋友、翻开昨天，看懂今天、来听石头讲故事、千年不过一页书
science|科技节的展台主题|会走的机器人、看得见的声音、自制显微镜、水的三种样子、磁铁魔术
science|用磁铁能玩的小实验|让回形针悬空、自制指南针、磁力小车、画出磁感线、分离沙中铁屑
science|可以写进观察日记的现象|月亮的圆缺、面包发霉、冰块融化、影子变长、露水出现
programming|给班级写的小网页功能|值日表、生日提醒、匿名信箱、图书借还、作业倒计时
programming|让代码更好读的做法|起清楚的变量名、函数写短一点、删掉无用代码、补上注释、统一缩进
programming|命令行小工具的创意|随机选午饭、批量缩小图片、倒数日提醒、查找重复文件、生成密码
programming|练习循环语句的题目|打印九九乘法表、求一百以内质数、倒序输出数字、统计字符个数、画星号三角形
travel|雨天在陌生城市的安排|逛博物馆、坐在茶馆听书、看一场话剧、泡温泉、去书店找本地志
travel|坐长途火车解闷的办法|看一部小说、和邻座下棋、数沿途车站、听广播剧、写旅行日记
travel|省钱游玩的窍门|错开节假日、提早买票、住青年旅舍、吃当地小馆、选免费景点
travel|第一次出国要确认的事项|护照有效期、签证材料、当地插座样式、紧急电话、手机漫游
money|帮孩子认识钱的游戏|开家庭小卖部、记零花钱账本、比较两家超市价格、给存钱罐定目标、跳蚤市场卖旧玩具
money|节省每月饭钱的办法|一周采购一次、自己带饭、买应季蔬菜、少点外卖、剩菜再加工
money|租房前要问房东的问题|押金退还条件、水电怎样收、能否养猫、维修谁负责、合同可否提前结束
money|办一场省钱婚礼的点子|在院子里摆酒、请朋友摄影、自制喜糖盒、电子请柬、租借礼服
language|练习普通话的途径|跟读新闻、朗读散文、录音自查、绕口令、参加演讲社
language|给作文开头的方式|提出问题、描写天气、引用诗句、从对话写起、回忆往事
language|适合写在书签上的短语|慢慢读，细细想、开卷有益、字里有光、今天也要读一页
work|新人入职第一天的欢迎办法|准备写好名字的桌牌、安排一位伙伴、带着逛办公楼、一起午饭、发一份常用电话表
work|减少邮件往来的措施|每天固定时间答复、简单事情打电话、使用共享文档、标题写明要求、不随意抄送
work|部门春游的项目|爬山捡垃圾、农家包饺子、骑车环湖、草地排球、摄影比赛
work|居家办公提高效率的做法|固定工作角落、换下睡衣、列三件要事、关掉消息提示、定时起身走动
nature|小院子里能吸引小鸟的东西|浅水盆、结果的灌木、木头鸟巢、碎谷粒、安静的角落
nature|用秋天落叶做的小玩意|书签、拼贴画、落叶王冠、叶脉拓印、标本册
nature|保护家乡小河的行动|周末捡垃圾、劝阻乱倒污水、记录水质、种岸边芦苇、画宣传海报
nature|给流浪猫做窝的材料|泡沫箱、旧毛衣、防水布、干稻草、胶带
"""

# 影评 | 情感 | 理由
REVIEWS = """
镜头像一首慢诗，父亲转身那一刻我哭得停不下来。|正面|影评被画面和亲情打动
两个半小时全靠配乐撑着，剧情漏洞多得像筛子。|负面|批评片子太长、剧情漏洞多
影片于周五上映，片长一百零八分钟，国语对白。|中性|只陈述上映信息，没有好恶
老戏骨们对戏精彩极了，每句台词都有嚼头。|正面|称赞演技和台词
笑点生硬，隔壁观众睡着了，我羡慕他。|负面|讽刺笑点生硬、令人犯困
该片由同名小说改编，讲述一支考察队进入沙漠的经过。|中性|只介绍来源和内容
动画的水墨质感太惊艳，孩子看完吵着要学画画。|正面|夸奖画面并提到孩子喜爱
特效廉价，主角全程一个表情，票钱白花了。|负面|嫌弃特效和表演，后悔买票
导演此前拍过三部纪录片，这是他首部剧情长片。|中性|说明导演经历，未作评价
结尾反转出人意料又合情合理，出了影院还在回味。|正面|认可结尾，回味良久
前半段还算紧凑，后半段却拖沓得让人想快进。|负面|整体落在对拖沓的不满上
小成本也能拍出大格局，良心之作，值得二刷。|正面|肯定作品并愿意再看
"""

# 句子 | 词 | 词性 | 理由
WORDS = """
弟弟飞快地跑过操场。|跑|动词|它表示动作
这杯茉莉花茶真香。|香|形容词|它描写事物的性质
书架上摆着一盏旧油灯。|油灯|名词|它是事物的名称
我们明天去郊外写生。|我们|代词|它代替人的名称
河边栽了七棵柳树。|七|数词|它表示数目
奶奶常常给邻居送菜。|常常|副词|它修饰动词“送”，表示频率
"""

# 事物 | 形容 | 动作 | 声音 | 地点 | 主题
THINGS = """
老槐树|弯着腰|把影子铺给乘凉的人|沙沙的叶响|村口|nature
旧算盘|掉了漆|记得爷爷的每一笔账|噼啪的珠声|柜台角落|money
铜茶壶|鼓着肚子|把冬天煮得咕嘟作响|细细的水声|灶房里|cooking
石拱桥|披着青苔|驮过一代又一代行人|潺潺的流水声|镇子中央|history
绿皮火车|慢吞吞|带着月亮翻过山岭|哐当的轮声|秋天的原野上|travel
显微镜|睁着独眼|看见一滴水里的森林|轻轻的旋钮声|实验室窗边|science
方块字|站得笔直|替人们保管心里的话|沙沙的翻页声|旧书店里|language
夜班电脑|眨着蓝光|陪着主人找一个逗号|嗒嗒的键声|写字楼里|programming
油纸伞|画着荷花|替姑娘接住整座江南的雨|滴答的雨声|小巷深处|travel
体温计|穿着玻璃衣|悄悄读懂孩子的额头|浅浅的呼吸声|病房里|health
邮筒|绿油油|替人收着远方的想念|信落下的轻响|街角|work
萤火虫|提着小灯|给迷路的星星引路|断续的虫鸣|稻田边|nature
搪瓷缸|磕掉了边|盛着父亲一辈子的热茶|叮当的盖声|工厂车间里|work
"""


def parse(table: str, sep: str = "|") -> list[list[str]]:
    return [line.split(sep) for line in table.strip().splitlines()]


def turns_of(rng, items: list) -> cycle:
    """The items in random order, over and over, so that each comes equally often."""
    return cycle(rng.sample(items, len(items)))


def row(category: str, topic: str, instruction: str, context: str, response: str) -> dict:
    return {
        "category": category,
        "topic": topic,
        "lang": "zh",
        "instruction": instruction,
        "context": context,
        "response": response,
    }


def label(name: str, reason: str) -> str:
    return f"类别：{name}\n理由：{reason}。"


def pairs(*items: tuple) -> str:
    return "\n".join(f"{key}：{value}" for key, value in items)


def piece(text: str, topic: str) -> str:
    return f"{text}\n——关于{TOPICS[topic]}的小作"


# Open QA


def provinces(rng):
    asks = [
        "{}省的省会是哪座城市？",
        "请问{}省的行政中心在哪里，简称什么？",
        "说出{}的省会和简称。",
        "考考你：{}省会叫什么名字？",
        "我想了解{}省，它的省会是哪里？",
    ]
    for (name, capital, short, fact), ask in zip(rng.sample(parse(PROVINCES), 10), turns_of(rng, asks), strict=False):
        answer = rng.choice(
            [f"省会是{capital}，简称“{short}”，{fact}。", f"是{capital}。{name}简称“{short}”，{fact}。"]
        )
        yield row("Open QA", "travel", ask.format(name), "", answer)


def element_facts(rng):
    asks = [
        "元素{}的符号是什么？",
        "{}在元素周期表里排第几号？用什么符号表示？",
        "简单介绍化学元素“{}”。",
        "{}这种元素怎样表示，有什么用处？",
        "写出{}的元素符号和原子序数。",
    ]
    for (name, symbol, number, _, _, use), ask in zip(
        rng.sample(parse(ELEMENTS), 6), turns_of(rng, asks), strict=False
    ):
        yield row("Open QA", "science", ask.format(name), "", f"{name}的符号是{symbol}，原子序数为{number}，{use}。")


def idiom_meanings(rng):
    asks = [
        "“{}”是什么意思？",
        "请解释成语“{}”。",
        "小学生问我“{}”怎么讲，该如何回答？",
        "成语“{}”用来形容什么？",
        "用一句话说明“{}”的含义。",
    ]
    for (idiom, sense, tone), ask in zip(rng.sample(parse(IDIOMS), 7), turns_of(rng, asks), strict=False):
        answer = rng.choice([f"意思是{sense}，属于{tone}词。", f"形容{sense}，带{tone}色彩。"])
        yield row("Open QA", "language", ask.format(idiom), "", answer)


def opposites(rng):
    asks = [
        "“{}”的反义词是什么？请造个句。",
        "给“{}”找一个意思相反的词。",
        "与“{}”相对的词有哪一个？",
        "写出“{}”的反义词并举例。",
        "哪个词和“{}”意思相反？",
    ]
    for (word, other, example), ask in zip(rng.sample(parse(OPPOSITES), 6), turns_of(rng, asks), strict=False):
        yield row("Open QA", "language", ask.format(word), "", f"反义词是“{other}”。例如：{example}。")


def solar_terms(rng):
    asks = [
        "{}一般在几月几日？",
        "节气“{}”代表什么？",
        "二十四节气中的{}有什么特点？",
        "请介绍一下{}这个节气。",
        "每年的{}大概是哪一天，意味着什么？",
    ]
    for (term, day, sense), ask in zip(rng.sample(parse(TERMS), 6), turns_of(rng, asks), strict=False):
        yield row("Open QA", "nature", ask.format(term), "", f"{term}在{day}前后，{sense}。")


def conversions(rng):
    asks = [
        "{}等于多少{}？",
        "把{}换算成{}。",
        "{}合多少{}，怎么算？",
        "请问{}用{}来表示是多少？",
        "帮我算一下，{}是多少{}。",
    ]
    for (unit, target, factor, topic), ask in zip(rng.sample(parse(UNITS), 6), turns_of(rng, asks), strict=False):
        count = rng.randint(3, 19)
        answer = f"{count}{unit}等于{count * int(factor)}{target}，因为1{unit}是{factor}{target}。"
        yield row("Open QA", topic, ask.format(f"{count}{unit}", target), "", answer)


def snippets(rng):
    asks = [
        "Python 里怎样{}？",
        "用一行 Python 代码{}。",
        "写个 Python 表达式，{}。",
        "我想{}，Python 该怎么写？",
        "请用 Python {}。",
    ]
    for (task, code), ask in zip(rng.sample(parse(SNIPPETS, "~"), 7), turns_of(rng, asks), strict=False):
        yield row("Open QA", "programming", ask.format(task), "", f"可以写成：\n{code}")


# Closed QA


def animal_passages(rng):
    asks = [
        ("{}吃什么？", "food"),
        ("根据短文，{}生活在哪里？", "home"),
        ("文中说{}有什么特别之处？", "trait"),
        ("读材料回答：{}以哪些东西为食？", "food"),
        ("到什么地方能见到{}？请按原文作答。", "home"),
    ]
    for (name, _, home, food, trait, _), (ask, key) in zip(parse(ANIMALS), turns_of(rng, asks), strict=False):
        passage = rng.choice(
            [
                f"{name}生活在{home}，主要吃{food}。它{trait}。近年来数量受到关注，保护区正在监测。",
                f"讲解员说，{name}{trait}。它的家在{home}，平时以{food}为食。",
                f"纪录片第三集的主角是{name}。它栖息于{home}，食物是{food}，而且{trait}。",
            ]
        )
        answer = {"food": f"吃{food}。", "home": f"生活在{home}。", "trait": f"它{trait}。"}[key]
        yield row("Closed QA", "nature", ask.format(name), passage, answer)


def country_passages(rng):
    asks = [
        ("这次旅行第一站是哪座城市？", "capital"),
        ("作者在那里用的是什么货币？", "money"),
        ("文中提到的国家位于哪个洲？", "continent"),
        ("依据文章，作者最想看的是什么？", "sight"),
        ("作者换了哪一种钱？", "money"),
    ]
    for (name, capital, continent, money, sight), (ask, key) in zip(
        parse(COUNTRIES), turns_of(rng, asks), strict=False
    ):
        who, month = rng.choice(NAMES), rng.choice(MONTHS)
        passage = rng.choice(
            [
                f"{who}的游记：{month}，我飞到{continent}的{name}，先在首都{capital}换了些{money}，最想看的是{sight}。",
                f"{who}的日记：终于到了{name}！在{continent}的这个国家，我先落脚首都{capital}，用刚换的{money}买了地图，最盼着看{sight}。",
            ]
        )
        answer = {
            "capital": f"第一站是{capital}。",
            "money": f"是{money}。",
            "continent": f"{name}位于{continent}。",
            "sight": f"最想看{sight}。",
        }[key]
        yield row("Closed QA", "travel", ask, passage, answer)


def venue_passages(rng):
    asks = [
        ("谁可以免费进{}？", "free"),
        ("{}的门票多少钱？", "price"),
        ("{}在哪个地方、几月开放？", "when"),
        ("材料里介绍{}有什么看点？", "draw"),
        ("哪些人去{}不用买票？", "free"),
    ]
    for (venue, draw, free, price), (ask, key) in zip(parse(VENUES), turns_of(rng, asks), strict=False):
        town, month = rng.choice(TOWNS), rng.choice(MONTHS)
        passage = rng.choice(
            [
                f"{town}的{venue}将于{month}开放，{draw}。门票{price}，{free}免费。",
                f"好消息！{month}起，{venue}在{town}迎客，{draw}。票价为{price}，对{free}免票。",
            ]
        )
        answer = {
            "free": f"{free}可以免费入场。",
            "price": f"门票{price}。",
            "when": f"在{town}，{month}开放。",
            "draw": f"{draw}。",
        }[key]
        yield row("Closed QA", "travel", ask.format(venue), passage, answer)


def event_passages(rng):
    asks = [
        ("人们为什么要组织这次{}？", "why"),
        ("{}活动由谁牵头？", "who"),
        ("这次{}最后有什么结果？", "result"),
        ("{}是在什么地方进行的？", "where"),
        ("报道中，{}的起因是什么？", "why"),
    ]
    for (event, why, result, place, topic), (ask, key) in zip(parse(EVENTS), turns_of(rng, asks), strict=False):
        town, who = rng.choice(TOWNS), rng.choice(NAMES)
        passage = rng.choice(
            [
                f"前不久，{town}的{who}牵头在{place}组织{event}，原因是{why}。结果不错：{result}。",
                f"因为{why}，{town}居民{who}发起了{event}活动。大家齐聚{place}，最终{result}。",
            ]
        )
        answer = {
            "why": f"因为{why}。",
            "who": f"由{who}牵头。",
            "result": f"{result}。",
            "where": f"在{town}的{place}。",
        }[key]
        yield row("Closed QA", topic, ask.format(event), passage, answer)


def trip_prices(rng):
    asks = [
        "结账时一共花了多少钱？",
        "算一算，这笔东西总价是多少？",
        "按文中所说，应付几元？",
        "材料中的顾客要付多少钱？",
        "这次购物总共用去多少元？",
    ]
    for (item, price, detail, shop), ask in zip(rng.sample(parse(GOODS), 5), turns_of(rng, asks), strict=False):
        who, count = rng.choice(NAMES), rng.randint(2, 6)
        passage = f"{who}到{shop}挑{item}，看中{detail}的一款，单价{price}元。店员说不打折，{who}还是买了{count}件。"
        yield row("Closed QA", "money", ask, passage, f"一共{count * int(price)}元，即{price}元乘以{count}。")


# Information Extraction


def orders(rng):
    asks = [
        "从订单里提取商品、数量和收货人。",
        "请整理出这笔订单的商品、数量、收货人。",
        "客服要录单，摘出商品、数量和收货人。",
        "找一找：商品是什么，几件，寄给谁？",
        "将下面的留言拆成商品、数量、收货人三项。",
    ]
    for (item, _, detail, shop), ask in zip(parse(GOODS), turns_of(rng, asks), strict=False):
        who, town, count = rng.choice(NAMES), rng.choice(TOWNS), rng.randint(2, 9)
        text = rng.choice(
            [
                f"{shop}您好，我要{count}件{item}，{detail}的，寄到{town}，收件人写{who}，谢谢。",
                f"【{shop}】{who}您好，您买的{item}（{detail}）共{count}件已发往{town}，请注意查收。",
            ]
        )
        answer = pairs(("商品", f"{detail}{item}"), ("数量", f"{count}件"), ("收货人", who))
        yield row("Information Extraction", "money", ask, text, answer)


def invention_notes(rng):
    asks = [
        "提取文中的人物、年代和成果。",
        "把这段话里的人物、成果、年代列出来。",
        "请摘录：谁，什么年代，取得什么成果。",
        "阅读后填写人物、年代、成果三栏。",
        "从百科条目中找出人物、年代与成果。",
    ]
    for (thing, who, land, year, verb, effect), ask in zip(parse(INVENTIONS), turns_of(rng, asks), strict=False):
        text = rng.choice(
            [
                f"{year}，{land}的{who}{verb}了{thing}，{effect}。",
                f"说到{thing}，人们会想起{land}的{who}。这项成果出现于{year}，{effect}。",
                f"{thing}是{land}的{who}在{year}{verb}的，它{effect}。",
            ]
        )
        answer = pairs(("人物", who), ("年代", year), ("成果", thing))
        yield row("Information Extraction", "history", ask, text, answer)


def job_ads(rng):
    asks = [
        "从招聘启事中提取职位、要求和联系人。",
        "这则广告招什么人？列出职位、要求、联系人。",
        "请把职位、要求、联系人抄成三行。",
        "替求职者摘出职位、要求和联系人。",
        "按职位、要求、联系人的顺序整理信息。",
    ]
    for (job, need, pay, topic), ask in zip(parse(JOBS), turns_of(rng, asks), strict=False):
        who, town = rng.choice(NAMES), rng.choice(TOWNS)
        text = rng.choice(
            [
                f"{town}某单位诚聘{job}，须{need}，月薪{pay}。有意者请联系{who}。",
                f"急招！{job}一名，要求{need}，每月{pay}，在{town}上班，找{who}报名。",
            ]
        )
        yield row("Information Extraction", topic, ask, text, pairs(("职位", job), ("要求", need), ("联系人", who)))


def lost_notes(rng):
    asks = [
        "从启事中提取失物、特征、地点。",
        "丢了什么？有何特征？在哪儿丢的？请分行写。",
        "整理这张寻物启事的失物、特征和地点。",
        "失物招领处需要登记失物、特征、地点，请填写。",
        "把关键内容提炼为失物、特征、地点。",
    ]
    for (thing, mark, place), ask in zip(parse(LOST), turns_of(rng, asks), strict=False):
        who, month = rng.choice(NAMES), rng.choice(MONTHS)
        text = rng.choice(
            [
                f"{month}三日，本人在{place}丢失{thing}，{mark}。见到者请与{who}联系，必有酬谢。",
                f"寻物：{thing}，{mark}，大约{month}初在{place}不见了。好心人请告诉{who}。",
            ]
        )
        yield row(
            "Information Extraction", "travel", ask, text, pairs(("失物", thing), ("特征", mark), ("地点", place))
        )


def venue_notes(rng):
    asks = [
        "抽取场馆、地点、票价。",
        "把开馆消息整理为场馆、地点和票价。",
        "请从这则消息里列出场馆、地点、票价。",
        "做一张卡片：场馆、地点、票价。",
        "游客想知道场馆、地点与票价，请摘出来。",
    ]
    for (venue, draw, free, price), ask in zip(parse(VENUES), turns_of(rng, asks), strict=False):
        town, who = rng.choice(TOWNS), rng.choice(NAMES)
        text = f"记者{who}报道：位于{town}的{venue}今天试营业，{draw}，成人票{price}，{free}凭证免票。"
        answer = pairs(("场馆", venue), ("地点", town), ("票价", price))
        yield row("Information Extraction", "travel", ask, text, answer)


# Summarization


def project_news(rng):
    asks = [
        "用一句话总结这则地方新闻。",
        "请为下面的报道写一句摘要。",
        "概括这条消息的主要内容。",
        "这段新闻太长，帮忙缩短。",
        "简要说说当地做了什么、效果如何。",
    ]
    for (full, short, why, result, brief), ask in zip(parse(PROJECTS), turns_of(rng, asks), strict=False):
        town, who = rng.choice(TOWNS), rng.choice(NAMES)
        text = rng.choice(
            [
                f"{town}今年{full}。此前，{why}。负责人{who}说，{result}。",
                f"由于{why}，{town}{full}。记者从{who}处了解到，{result}。",
            ]
        )
        yield row("Summarization", "work", ask, text, f"简而言之：{town}{short}，{brief}。")


def study_news(rng):
    asks = [
        "总结这项调查的结论。",
        "把研究报道压缩成一句话。",
        "请提炼下文的发现和建议。",
        "这篇研究简讯讲了什么？",
        "为忙碌的读者概述这项研究。",
    ]
    for (group, full, short, advice, topic), ask in zip(parse(STUDIES), turns_of(rng, asks), strict=False):
        who, count = rng.choice(NAMES), rng.randint(2, 18) * 50
        text = rng.choice(
            [
                f"{who}团队跟踪了{count}名{group}，发现{full}。他们建议{advice}，并打算扩大样本。",
                f"一项有{count}名{group}参加的调查显示，{full}。负责人{who}因此提议{advice}。",
            ]
        )
        yield row("Summarization", topic, ask, text, f"简而言之：{short}，建议{advice}。")


def feedback(rng):
    asks = [
        "把这条买家评价概括一下。",
        "总结顾客意见，优缺点都要有。",
        "卖家想快速了解反馈，请写摘要。",
        "用最少的话转述这位买家的看法。",
        "下面的使用感受可以怎样归纳？",
    ]
    for (item, good, plus, bad, minus), ask in zip(parse(FEEDBACK), turns_of(rng, asks), strict=False):
        text = rng.choice(
            [
                f"{item}买回来一阵子了，{good}，这点很满意。可惜{bad}，希望厂家改进。",
                f"先说优点：这款{item}{good}。再说缺点：{bad}。总的来说还能接受。",
            ]
        )
        yield row("Summarization", "money", ask, text, f"简而言之：{item}{plus}，但{minus}。")


def meetings(rng):
    asks = [
        "给会议记录写个一句话摘要。",
        "这次会议定了什么？请概括。",
        "把纪要压缩到二十字左右。",
        "请替缺席的同事总结会议。",
        "归纳下面这份纪要的要点。",
    ]
    for (unit, issue, full, short, topic), ask in zip(parse(MEETINGS), turns_of(rng, asks), strict=False):
        who, day = rng.choice(NAMES), rng.choice(DAYS)
        text = rng.choice(
            [
                f"{day}例会由{who}主持，{unit}谈到，{issue}。大家争论很久，最后决定：{full}。",
                f"{unit}{day}开会，{who}首先通报，{issue}。经过商量，与会者同意{full}。",
            ]
        )
        yield row("Summarization", topic, ask, text, f"简而言之：{unit}决定{short}。")


def event_news(rng):
    asks = [
        "请把这件邻里小事缩写成一句话。",
        "下面的广播稿说了什么？请概括。",
        "给这段街谈巷议写个提要。",
        "用一句话说明活动经过。",
        "总结下文，保留地点和结果。",
    ]
    for (event, why, result, place, topic), ask in zip(parse(EVENTS), turns_of(rng, asks), strict=False):
        town, who = rng.choice(TOWNS), rng.choice(NAMES)
        text = rng.choice(
            [
                f"听说了吗？{why}，{who}坐不住了，拉上邻居在{place}张罗{event}。{town}的人纷纷响应，后来{result}。",
                f"各位听众，{town}有件新鲜事：{why}，于是{who}带头在{place}组织{event}，最后{result}。",
            ]
        )
        yield row("Summarization", topic, ask, text, f"简而言之：{town}在{place}组织{event}，{result}。")


# Brainstorming


def ideas(rng):
    asks = [
        "想几个{}。",
        "头脑风暴：{}。",
        "请列出一些{}。",
        "关于“{}”，你有什么建议？",
        "帮我出出主意：{}有哪些？",
        "说出四个{}。",
    ]
    for (topic, subject, listed), ask in zip(parse(IDEAS), turns_of(rng, asks), strict=False):
        options = listed.split("、")
        chosen = rng.sample(options, min(4, len(options)))
        yield row("Brainstorming", topic, ask.format(subject), "", "\n".join(f"- {option}" for option in chosen))


# Classification


def reviews(rng):
    asks = [
        "判断这条影评的情感：正面、负面或中性。",
        "下面的观后感是正面、负面还是中性？",
        "给电影短评打情感标签（正面/负面/中性）。",
        "这位观众态度如何？从正面、负面、中性中选。",
        "按正面、负面、中性归类这句影评。",
    ]
    for (text, mood, why), ask in zip(parse(REVIEWS), turns_of(rng, asks), strict=False):
        yield row("Classification", "culture", ask, text, label(mood, why))


def animal_classes(rng):
    asks = [
        "{}属于哺乳类、鸟类、鱼类、爬行类还是两栖类？",
        "按脊椎动物五大类给{}分类。",
        "请说出{}的动物类别，并讲理由。",
        "把{}归到正确的动物类群。",
        "{}是哪一类脊椎动物？",
    ]
    for (name, kind, home, _, trait, why), ask in zip(parse(ANIMALS), turns_of(rng, asks), strict=False):
        text = rng.choice(["", f"{name}分布在{home}，{trait}。"])
        yield row("Classification", "science", ask.format(name), text, label(kind, why))


def element_kinds(rng):
    asks = [
        "{}是金属还是非金属？",
        "给元素{}分类：金属或非金属。",
        "化学课上要把{}放进金属组或非金属组，放哪组？",
        "从金属、非金属中为{}选一个类别。",
        "判断{}的元素类别（金属/非金属）。",
    ]
    for (name, _, _, kind, look, _), ask in zip(rng.sample(parse(ELEMENTS), 5), turns_of(rng, asks), strict=False):
        yield row("Classification", "science", ask.format(name), "", label(kind, look))


def idiom_tones(rng):
    asks = [
        "“{}”是褒义词还是贬义词？",
        "判断成语“{}”的感情色彩：褒义或贬义。",
        "给“{}”归类，褒义还是贬义？",
        "说某人“{}”，是夸他还是批评他？用褒义或贬义作答。",
        "从褒义、贬义中选出适合“{}”的一项。",
    ]
    for (idiom, sense, tone), ask in zip(rng.sample(parse(IDIOMS), 7), turns_of(rng, asks), strict=False):
        yield row("Classification", "language", ask.format(idiom), "", label(tone, f"它指{sense}"))


def word_classes(rng):
    asks = [
        "句中的“{}”是什么词性？",
        "指出“{}”在句子里的词类。",
        "请给“{}”标注词性。",
        "“{}”属于名词、动词还是其他词类？",
        "读句子，判断“{}”的词性。",
    ]
    for (sentence, word, kind, why), ask in zip(parse(WORDS), turns_of(rng, asks), strict=False):
        yield row("Classification", "language", ask.format(word), sentence, label(kind, why))


# Creative Writing


def verses(rng):
    asks = [
        "写一首关于{}的小诗。",
        "以{}为题，作几行短诗。",
        "给{}写首四行诗。",
        "请为{}吟一首现代诗。",
        "用诗的语言写写{}。",
    ]
    for (thing, look, does, sound, place, topic), ask in zip(parse(THINGS), turns_of(rng, asks), strict=False):
        hour = rng.choice(["清晨", "黄昏", "深夜", "午后"])
        text = rng.choice(
            [
                f"{place}，{look}的{thing}，\n{does}。\n风问它累不累，\n它只答以{sound}。",
                f"{sound}，\n是{thing}在说话。\n它{look}，\n{does}。",
                f"{hour}来到{place}，\n看见{look}的{thing}。\n不用别的言语，\n{sound}就是它的回答。",
            ]
        )
        yield row("Creative Writing", topic, ask.format(thing), "", piece(text, topic))


def tales(rng):
    asks = [
        "讲一个和{}有关的微型故事。",
        "编个几句话的故事，主角是{}。",
        "围绕{}写一则很短的童话。",
        "请写一个{}与人的小故事。",
        "写个睡前故事，里面要有{}。",
    ]
    for (thing, look, does, sound, place, topic), ask in zip(parse(THINGS), turns_of(rng, asks), strict=False):
        who, town = rng.choice(NAMES), rng.choice(TOWNS)
        text = rng.choice(
            [
                f"{who}想离开{town}。临走那晚，{place}传来{sound}，原来是{look}的{thing}在送行。行李又放下了。",
                f"“你听。”{who}说。大家安静下来，只有{sound}。从此{town}的人都说，那是{thing}，它{does}。",
                f"{town}没人留意{look}的{thing}。只有{who}知道，它{does}，却从没告诉过别人。",
                f"{who}循着{sound}走到{place}，遇见{look}的{thing}。多年后回到{town}，那一夜仍在耳边。",
            ]
        )
        yield row("Creative Writing", topic, ask.format(thing), "", piece(text, topic))


def letters(rng):
    asks = [
        ("以{}的口吻写一段独白。", "talk"),
        ("假如{}会写信，它会写什么？", "letter"),
        ("让{}作一番自我介绍。", "self"),
        ("用第一人称替{}说几句心里话。", "talk"),
        ("写写{}的日记，两三句即可。", "diary"),
    ]
    for (thing, look, does, sound, place, topic), (ask, kind) in zip(parse(THINGS), turns_of(rng, asks), strict=False):
        who, day = rng.choice(NAMES), rng.choice(DAYS)
        text = {
            "talk": f"他们都说我{look}。可是在{place}，谁又能像我这样，{does}呢？",
            "letter": f"{who}：别来无恙？我在{place}，还是老样子，{look}。你若想我，就听一听{sound}。",
            "self": f"我是{thing}，住在{place}。别笑我{look}，我的本事是{does}。",
            "diary": f"{day}，晴。{who}又来{place}看我。我没有别的可送，只好拿{sound}当作礼物。",
        }[kind]
        yield row("Creative Writing", topic, ask.format(thing), "", piece(text, topic))


FAMILIES = [
    provinces,
    element_facts,
    idiom_meanings,
    opposites,
    solar_terms,
    conversions,
    snippets,
    animal_passages,
    country_passages,
    venue_passages,
    event_passages,
    trip_prices,
    orders,
    invention_notes,
    job_ads,
    lost_notes,
    venue_notes,
    project_news,
    study_news,
    feedback,
    meetings,
    event_news,
    ideas,
    reviews,
    animal_classes,
    element_kinds,
    idiom_tones,
    word_classes,
    verses,
    tales,
    letters,
]


def rows(rng, limit: float = 0.6) -> list[dict]:
    """All Chinese table rows, none of them `limit` or more similar to an earlier one."""
    seen = Seen()
    candidates = [candidate for family in FAMILIES for candidate in family(rng)]
    return [r for r in candidates if seen.accept(row_text(r), "zh", limit)]
