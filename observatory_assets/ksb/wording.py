"""What adverts and statements say for what a taxonomy of skills calls otherwise: "team player" is "work in teams", JS is JavaScript.

Belongs here: common wordings of the labour market with the name a taxonomy would use, as general knowledge; abbreviations; phrases that only introduce a
skill. Does not belong here: scores (linker.py), the areas of the survey and their cues (seeds, through taxonomy.py), or wordings of one test set.
"""

from __future__ import annotations

import re
from functools import lru_cache

# pattern -> names it stands for, "|" between them. Whole words, any case; a pattern holds its own plurals. Names are ESCO's where it has one, so that they
# meet its labels, but they are plain English: a taxonomy without that name is met by whatever lies next to it.
_WORDINGS = r"""
team ?play(?:er|ing|ers) = work in teams
team ?work(?:ing)?|work(?:ing)? (?:well )?(?:in|as part of|with|within) (?:a |an |our |the |your )?(?:\w+[ -]){0,4}teams? = work in teams
collaborat(?:e|es|ing|ive|ion|ions|ively)|team[- ]oriented|team spirit = cooperate with colleagues|work in teams
(?:with|engage|liais\w+|work) (?:\w+ ){0,3}(?:colleagues|co-?workers|teammates) = liaise with colleagues|cooperate with colleagues
cross[- ](?:functional|team|discipline\w*)|multi-?disciplinary|interdisciplinary\
 = cooperate with professionals|communicate professionally with colleagues in other fields
communicat(?:ion|ive|or|ors|e|es|ing)|verbal|orally|articulate|interpersonal = communication
interpersonal|people skills|social skills|rapport = build business relationships|communication
writ(?:e|es|ing) (?:and \w+ )?(?:skills|ability)|written (?:and|&) |copywrit\w+ = provide written content
english = English
multilingual|bilingual|languages? skills|foreign languages?|(?:second|additional) language = speak different languages
stakeholders? = engage with stakeholders|manage relationships with stakeholders
(?:customers?|clients?)[- ](?:focus\w*|orient\w+|centric\w*|minded|first|facing|need\w*|requirements?|expectations?)\
 = ensure client orientation|identify customer's needs
customer service|customer care|customer support|(?:serve|help|assist\w*) (?:our )?(?:customers|clients|guests)\
 = customer service|maintain customer service|assist customers
(?:customers?|clients?) (?:experience|satisfaction) = guarantee customer satisfaction|manage the customer experience
(?:build|maintain|manag|develop|establish|foster)\w* (?:\w+ ){0,4}relation(?:ship)?s? (?:with )?(?:\w+ ){0,2}(?:customers|clients|partners|suppliers\
|business)? = build business relationships|maintain relationship with customers
account management|key accounts? = maintain relationship with customers|perform customer management
network(?:ing)? (?:of|with) = develop professional network
self[- ]?start(?:er|ers|ing)|self[- ]?(?:motivated|driven|directed)|initiative|go-getter|pro-?activ\w+ = show initiative
pro-?activ\w+ = think proactively
autonom(?:y|ous|ously)|independen(?:t|tly|ce)|on your own|own initiative|minimal supervision|unsupervised|self-?managed?\
 = work independently|handle tasks independently
motivat(?:ed|ion)|enthusias(?:m|tic)|driven|determin(?:ed|ation)|perseveran\w+|tenaci\w+|ambitio(?:n|us)|hungry|passionate|drive = show determination
dedicat(?:ed|ion)|committed|commitment|hard[- ]?working|work ethic = show commitment
deadlines?|on time|time[- ]sensitive|in time|timely = meet deadlines
reliab(?:le|ility|ly)|dependable|punctual\w* = act reliably
honest\w*|integrity|trustworth\w+|ethic(?:s|al) = demonstrate trustworthiness|ethics
loyal\w* = demonstrate loyalty
accountab(?:le|ility)|ownership|take responsibility|responsible person|sense of responsibility = assume responsibility|accept own accountability
stress(?:ful|ed)?|under pressure|pressure|fast[- ]paced|hectic = handle stressful situations|tolerate stress|cope with stress
resilien(?:t|ce) = cope with stress|organisational resilience
adapt(?:able|ability|ing|s)?|flexib(?:le|ility|ly)|chang(?:e|ing) (?:environment|priorities|requirements|needs)|versatile|agile mindset|dynamic environment\
 = adapt to changing situations|adapt to change
positive attitude|can[- ]do|positive mindset|challenges? = approach challenges positively
uncertain(?:ty)?|ambigu(?:ity|ous) = cope with uncertainty
detail[- ]?(?:oriented|ed)?|attention to details?|eye for details?|meticulous\w*|accura(?:cy|te|tely)|thorough(?:ness)? = attend to detail
organi[sz](?:ed|ation skills|ational skills|ing skills)|well[- ]structured|structured|systematic(?:ally)?|orderly\
 = work in an organised manner|apply organisational techniques
time[- ]management|manag(?:e|ing) (?:your |own )?time|punctual\w* = manage time
priorit(?:y|ies|i[sz]e|i[sz]ing|i[sz]ation) = adjust priorities|establish daily priorities
multi-?task(?:ing)?|juggl\w+|several tasks|multiple (?:tasks|projects|priorities) = perform multiple tasks at the same time
efficien(?:t|tly|cy) = work efficiently
problem[- ]?solv(?:ing|er|ers|e)|solv(?:e|es|ing) (?:\w+ ){0,3}problems?|solutions?[- ](?:oriented|focus\w*|driven)|resourceful\w*\
 = solve problems|create solutions to problems
(?:find|creat|develop|deliver|propos)\w* (?:\w+ ){0,3}solutions = create solutions to problems
trouble-?shoot\w*|diagnos(?:e|ing) = troubleshoot|identify problems
analytical(?:ly)?|analytic mind\w*|logical(?:ly)? thinking = think analytically
critical(?:ly)? (?:think\w*|mind\w*) = think critically
conceptual|abstract(?:ly)? = think abstractly
strategic(?:ally)? (?:think\w*|mind\w*) = apply strategic thinking
decisions?|decision-?making|decisive = make decisions
creativ(?:e|ity|ely)|imaginat\w+|out of the box|original ideas = think creatively|develop creative ideas
innovat(?:e|ive|ion|ing|or) = think innovately|innovation processes|seek innovation in current practices
curio(?:us|sity)|inquisitive = demonstrate curiosity
(?:willing\w*|eager\w*|keen\w*|desire|ability|able|quick|fast|love|hungry|motivat\w+|continu\w+) (?:to )?(?:learn\w*|grow)|self[- ]?learn\w+|learn new\
 = demonstrate willingness to learn
(?:develop|growth|grow|improv\w+) (?:yourself|professionally|your skills)|personal (?:development|growth)|professional development|up to date|keep up\
 = manage personal professional development|monitor developments in field of expertise
feedback|constructive criticism = give constructive feedback|accept criticism and guidance
open[- ]?mind(?:ed|edness)? = keep an open mind
empath(?:y|ic|etic|ise|ize)|compassion\w*|caring = show empathy|relate empathetically
listen(?:ing|er|s)? = listen actively
patien(?:t person|ce) = exercise patience
confiden(?:t|ce|tly)|assertive = show confidence
confidential(?:ity)?|discret(?:ion|e) = observe confidentiality|respect confidentiality obligations
humou?r = practice humour
cultural(?:ly)? (?:divers\w+|aware\w*|sensitiv\w+)|intercultural|multi-?cultural|international (?:environment|team|setting)|diversity\
 = show intercultural awareness|demonstrate intercultural competence|work in an international environment
entrepreneur(?:ial|ship|s)? = show entrepreneurial spirit
business acumen|business(?:[- ]minded| sense| understanding| knowledge)|commercial(?:ly)? (?:aware\w*|minded|acumen|insight)\
 = business knowledge|apply business acumen
lead(?:ing)? (?:a |the |and \w+ )?(?:\w+ )?team|team lead(?:er|ing|ership)?|manage (?:a |the )?(?:\w+ )?team = lead a team|manage a team
leader(?:ship)?|lead(?:ing)? (?:others|people|and motivat\w+) = lead others|leadership principles
(?:inspir|motivat)(?:e|es|ing) (?:\w+ ){0,2}(?:others|people|team|staff|employees|colleagues) = motivate others|motivate employees
(?:manag|supervis)\w* (?:\w+ ){0,2}(?:staff|people|employees|personnel|direct reports)|people management|line management|personnel\
 = manage staff|supervise staff
delegat(?:e|ing|ion) = delegate responsibilities
coach(?:ing|es)? = coach employees|coaching techniques
mentor(?:ing|s|ship)? = mentor individuals|mentor individual employees
(?:train|onboard|instruct|teach)(?:ing)? (?:\w+ ){0,3}(?:staff|employees|colleagues|team|members|users|others|people)|onboarding\
 = train employees|instruct others
recruit(?:ing|ment|er)?|hiring|talent acquisition|head-?hunt\w* = recruit employees
hr|human resources? = human resource management|personnel management
payroll|salar(?:y|ies)|compensation = determine salaries|manage payroll
negotiat(?:e|es|ing|ion|ions|or) = negotiate compromises|negotiate with stakeholders|moderate in negotiations
conflicts?|disputes? = conflict management|resolve conflicts|apply conflict management
persua(?:de|sive|sion)|influenc(?:e|ing) = present arguments persuasively
present(?:ation|ations|ing|er)? (?:skills|to )|public speaking|give (?:a )?presentations? = conduct public presentations|address an audience
project management|manag(?:e|es|ing|er of) (?:\w+ ){0,3}projects?|project (?:manager|lead\w*|execution|delivery|coordinat\w+)|run projects|pm\
 = perform project management|project management
budget(?:s|ing|ary)? = manage budgets
cost (?:control|reduction|saving)s?|reduce costs|control of expenses = control of expenses|cost management
forecast(?:s|ing)? = financial forecasting|forecast sales over periods of time
plan(?:ning)? (?:skills|ability|and organi\w+|your|own) = apply organisational techniques|plan
schedul(?:e|es|ing) = manage schedule of tasks|plan schedule
resource (?:planning|allocation)|allocat\w+ resources = plan resource allocation|perform resource planning
process (?:improvement|optimi[sz]ation|development)s?|(?:improve|optimi[sz]e|streamline)\w* (?:\w+ ){0,3}process(?:es)?|continuous improvement|lean|kaizen\
|six sigma = identify process improvements|improve business processes|optimise production
kpis?|metrics|performance indicators? = track key performance indicators
report(?:s|ing)? = write work-related reports|present reports
document(?:ation|ing)? = provide technical documentation|use technical documentation
specifications? = define technical requirements|interpret technical requirements
requirements? (?:gathering|analysis|engineering|elicitation)|(?:gather|analy[sz]e|collect|define|understand|translate)\w* (?:\w+ ){0,3}requirements\
 = define technical requirements|analyse business requirements|identify customer requirements
record[- ]?keeping|(?:keep|maintain)(?:ing)? (?:\w+ ){0,3}records = keep records of work progress|keep task records
administrat(?:ion|ive) (?:tasks|duties|work|support|skills)|clerical|secretarial = perform clerical duties|office administration
invoic(?:e|es|ing)|billing = issue sales invoices|process payments
account(?:ing|ancy)|book-?keeping|ledgers? = accounting|accounting techniques
financial (?:reports?|statements?|reporting) = financial statements|create a financial report
audit(?:s|ing|or)? = perform quality audits|audit techniques
tax(?:es|ation)? = tax legislation
compliance|comply|regulat(?:ion|ions|ory) = ensure compliance with legal requirements|comply with legal regulations|comply with regulations
polic(?:y|ies) (?:and|&) (?:procedures|processes|guidelines|standards)|company (?:policies|guidelines|standards)\
 = adhere to organisational guidelines|company policies
health (?:and|&) safety|safety (?:rules|regulations|standards|procedures)|hse|osha|ehs = apply health and safety standards|health and safety regulations
ppe|protective (?:gear|equipment|clothing) = wear appropriate protective gear
gdpr|data privacy|privacy = GDPR|data protection
hygien(?:e|ic)|food safety|haccp = comply with food safety and hygiene|apply HACCP
clean(?:ing|liness)? (?:\w+ ){0,2}(?:work ?(?:area|place|station)|area|environment|site)|tidy|housekeeping = maintain work area cleanliness
quality assurance|qa|quality control|qc = quality assurance procedures|quality assurance methodologies
quality (?:standards|focus\w*|mindset|conscious\w*|oriented)|high[- ]quality = quality standards|manage quality
risk(?:s)? (?:assessment|analysis|management)?|assess\w* risks? = perform risk analysis|risk management|assess risk factors
driv(?:er'?s?|ing) licen[cs]e|licen[cs]e to drive|valid licen[cs]e|category b = drive vehicles
fork-?lifts? = operate forklift
heavy lift\w*|lift(?:ing)? (?:up to|heavy|\d+)|physical(?:ly)? (?:demand\w*|fit\w*|strong|strength|work)|stamina\
 = lift heavy weights|adjust to physical demands
health insurance|insurance = principles of insurance|types of insurance
shifts?|weekends?|irregular hours|overtime = work in shifts
first aid|cpr = provide first aid|first aid
warehous(?:e|ing)|order pick\w*|picking|packing = warehouse operations|pick orders for dispatching
stock|inventory = monitor stock level|inventory management rules
logistics = logistics
suppl(?:y chain|ier management)|vendors?|suppliers = supply chain management|maintain relationship with suppliers
procurement|purchas(?:e|es|ing)|sourcing = perform procurement processes
sales?|sell(?:ing)?|upsell\w*|cross-sell\w* = sales activities|carry out active selling
sales (?:targets?|goals?|quota) = achieve sales targets
(?:new (?:business|customers|clients)|leads?) (?:generation|development|acquisition)|business development|prospect\w*|acquir\w+ (?:new )?(?:customers\
|clients)|cold call\w* = prospect new customers|identify new business opportunities
market research|competitor analysis|competit\w+ (?:landscape|analysis) = perform market research|market analysis
social media|facebook|instagram|linkedin|twitter = social media management|apply social media marketing
digital marketing|online marketing|adwords|google ads|ppc = digital marketing techniques|plan digital marketing
seo|search engine optimi[sz]ation = search engine optimisation|conduct search engine optimisation
marketing = marketing principles|implement marketing strategies
content (?:creation|creator|marketing|writing)|blog(?:s|ging)? = create digital content|content marketing strategy
public relations|pr|press = public relations
crm|salesforce = customer relationship management|use customer relationship management software
phone|telephone|calls = communicate by telephone
excel|spreadsheets?|google sheets = use spreadsheets software
power ?point|keynote|google slides = use presentation software
(?:ms|microsoft) (?:office|365|word)|office 365|office (?:suite|package|tools|applications)|g suite = use microsoft office|office software
word(?= ?(?:,|and|/|excel)) = use word processing software
computer (?:skills|literacy|literate)|(?:it|digital) (?:skills|literacy|savvy|tools)|pc skills|user of it = have computer literacy|use IT tools
touch typing|typing|data entry = type at speed|maintain data entry requirements
photoshop|indesign|illustrator|adobe (?:creative \w+|cc|suite) = Adobe Photoshop|Adobe Illustrator|graphics editor software
video (?:edit\w*|production)|premiere|final cut = perform video editing
auto-?cad|solidworks|cad|catia|revit|inventor = use CAD software|CAD software
sap|erp = SAP R3|manage standard enterprise resource planning system
power ?bi|tableau|qlik\w*|looker|bi|dashboards? = business intelligence|deliver visual presentation of data
data visuali[sz]ation|visuali[sz]e data|charts = deliver visual presentation of data|visual presentation techniques
data analy(?:sis|tics|st|ze|se|zing|sing)|analy[sz](?:e|es|ing|sis of) (?:\w+ ){0,2}data|insights? = perform data analysis|data analytics
statistic(?:s|al)|spss|regression = statistics|apply statistical analysis techniques
data scien(?:ce|tist|tists) = data mining|data analytics
machine learning|ml|scikit-?learn|tensorflow|pytorch|keras = machine learning|utilise machine learning
deep learning|neural networks? = deep learning|artificial neural networks
ai|artificial intelligence|nlp|natural language processing = principles of artificial intelligence|natural language processing
computer vision|image (?:processing|recognition|analysis) = develop computer vision system|analyse images
big data|hadoop|hive|spark|kafka = analyse big data|Hadoop|SPARK
etl|data (?:warehous\w*|pipelines?|lakes?|integration)|redshift|snowflake|airflow = implement data warehousing techniques|data warehouse|integrate ICT data
data model(?:s|ling|ing|er)? = create data models|data models
data ?bases?|rdbms|dbms|relational = database|manage database|database management systems
my ?sql|mariadb = MySQL|SQL
postgres(?:ql)? = PostgreSQL|SQL
(?:ms|microsoft|azure|t-?) ?-?sql|sql server|ssis|ssrs = SQL Server|SQL
pl/?sql|oracle = Oracle Relational Database|SQL
no-?sql|mongo(?:db)?|cassandra|redis|dynamo(?:db)?|couch\w*|elastic ?search|elastic = NoSQL
js|es6|es2015|ecmascript|java ?script|node(?:\.? ?js)?|typescript|ts = JavaScript
typescript|ts = TypeScript
react(?:\.? ?js)?|redux|vue(?:\.? ?js)?|ember(?:\.? ?js)?|angular(?:\.? ?js)?|next\.?js|backbone(?:\.? ?js)?|jquery|node(?:\.? ?js)?|express\.?js\
 = JavaScript Framework|JavaScript
angular(?:\.? ?js)? = Angular
html ?5?|xml|markup|xhtml = use markup languages
css ?3?|html ?5? = CSS|style sheet languages
less = LESS
s[ac]ss = Sass
front[- ]?end|ui developer|responsive = implement front-end website design|maintain responsive design|web programming
back[- ]?end|full[- ]?stack|web (?:develop\w+|apps?|applications?|technologies|services) = web programming|computer programming
ui|user interfaces?|ui/ux = design user interface|design application interfaces
ux|user experience|usability|user[- ]cent(?:ered|ric) = design user interface|measure software usability|human-computer interaction
wireframes?|mock-?ups?|figma|sketch|prototyp(?:e|es|ing) = create website wireframe|develop software prototype|design prototypes
java(?:-?ee)?|j2ee|jvm|spring(?:[- ]?(?:boot|framework|mvc))?|hibernate|jpa|kotlin = Java (computer programming)
python|django|flask|pandas|numpy = Python (computer programming)
ruby(?:[- ]on[- ]rails)?|rails|ror = Ruby (computer programming)
swift|ios = Swift (computer programming)|mobile operating systems
objective-?c = Objective-C
android|ios|mobile (?:apps?|applications?|develop\w+) = mobile operating systems|mobile device software frameworks|Android (mobile operating systems)
php|laravel|symfony = PHP
c ?\# ?|csharp = C#
c ?\+\+ = C++
asp ?\.? ?net(?:[- ]\w+)? = ASP.NET
(?:visual studio|dot ?net|\. ?net(?: core| framework)?|wpf|entity framework) = Visual Studio .NET
visual basic|vba|vb\.net = VBScript|Visual Studio .NET
scala|akka = Scala
go ?lang|rust|programming languages?|coding|programm(?:er|ing|ers)|coder|code = computer programming|apply basic programming skills
object[- ]orient(?:ed|ation)|oop?|ood = use object-oriented programming
functional programming|clojure|elixir|haskell = use functional programming|Haskell
script(?:s|ing)|bash|shell|powershell = use scripting programming
software (?:engineer\w*|develop\w*|solutions?|systems?|products?|design\w*)|develop\w* software\
 = computer programming|computer engineering|oversee development of software
architect(?:ure|ures|ural|s|ing)? (?:and |of )?(?:\w+ ){0,3}(?:software|systems?|solutions?|applications?|microservices|design|patterns)|(?:software|system\
|solution|application|technical)s? architect\w* = define software architecture|software architecture models
enterprise architect\w* = design enterprise architecture
design patterns? = software UI design patterns|software design methodologies
micro-?services?|soa|rest(?:ful)?(?:[- ]?apis?)?|soap|web[- ]services?|apis? = service-oriented modelling
saas|paas|iaas = SaaS (service-oriented modelling)|cloud technologies
cloud|aws|amazon web services|azure|gcp|google cloud|ec2|s3|lambda|heroku|openstack = cloud technologies|develop with cloud services
docker|kubernetes|k8s|containers?|containeri[sz]ation|terraform|ansible|chef|puppet\
 = tools for software configuration management|cloud technologies|deploy cloud resource
dev-?ops|ci/?cd|ci|cd|continuous (?:integration|delivery|deployment)|jenkins|build pipelines?\
 = DevOps|tools for software configuration management|deploy ICT systems
deploy(?:ing|ment|ments|s)? = deploy ICT systems|solution deployment
git(?:hub|lab)?|svn|version control|source control|bitbucket|mercurial = tools for software configuration management|use software libraries
open[- ]?source = operate open source software|Open source model
unit test(?:s|ing)?|tdd|test[- ]driven|junit|jest|rspec|mocha = perform software unit testing
(?:automat\w+ |integration |software |regression |end-to-end |e2e )?test(?:ing|s|er|ers)?(?: automation| cases| plans)?|selenium|cypress|cucumber\
 = execute software tests|develop automated software tests|plan software testing
test automation|automat\w+ test\w* = develop automated software tests|tools for ICT test automation
code reviews?|review\w* (?:\w+ )?code|pull requests? = conduct ICT code review
(?:coding|code) (?:standards?|conventions?|style|quality)|clean code|best practices|maintainable code = implement ICT coding conventions
debug(?:s|ging|ger)?|bug[- ]?fix\w*|bugs? = debug software
troubleshoot\w*|technical (?:problems|issues|support)|help-?desk|it support|incident\w*\
 = perform ICT troubleshooting|provide ICT support|solve technical problems
software maintenance|maintain\w* (?:\w+ ){0,3}(?:applications?|systems?|software|code) = maintain ICT system
agile|scrum|kanban|sprints?|stand-?ups? = Agile project management|Agile development
jira|confluence|trello|project management tools = use online tools to collaborate|project configuration management
waterfall = Waterfall development
sdlc|(?:software|system|development) (?:development )?life-?cycle = systems development life-cycle
algorithms?|data structures? = algorithms|task algorithmisation
linux|unix|ubuntu|debian|red ?hat|windows(?: server)?|macos = operating systems
system administrat\w+|sys-?admin\w*|servers? = administer ICT system|maintain ICT server
network(?:s|ing)? (?:protocols?|infrastructure|administrat\w+|engineer\w*|security)|tcp(?:/ip)?|vpn|dns|lan|wan|cisco|routers?|switches\
 = ICT communications protocols|ICT networking hardware|design computer network
it infrastructure|infrastructure = ICT infrastructure
information security|it security|cyber[- ]?security|infosec|security (?:engineer|standards|best practices)|iso ?27001|owasp\
 = cyber security|ensure information security|ICT security standards
penetration test\w*|pen-?test\w*|ethical hack\w* = execute ICT audits|perform ICT security testing
encrypt(?:ion|ed)|cryptograph\w* = ICT encryption
e-?commerce|magento|shopify|online (?:shop|store)s? = e-commerce systems
cms|content management|drupal|wordpress|joomla = use content management system software|WebCMS
embedded|firmware|micro-?controllers? = embedded systems|program firmware
iot|internet of things = Internet of Things
plc|scada = programmable logic controller
blockchain|ethereum|smart contracts? = blockchain platforms
robot(?:s|ics)? = robotics
automat(?:ion|e|ed|ing) = automation technology
scalab(?:le|ility)|high[- ]availability|distributed systems?|performance (?:tuning|optimi[sz]ation)|high[- ]performance\
 = distributed computing|ICT performance analysis methods
game(?:s)? (?:develop\w+|design\w*|engine)|unity|unreal = digital game creation systems
gis|arcgis|qgis = geographic information systems
technical (?:leadership|expertise|knowledge|skills)|subject matter expert\w*|expertise = provide technical expertise|apply technical communication skills
emerging technolog\w+|new technolog\w+|(?:technology|tech|industry) trends|latest (?:trends|technolog\w+) = monitor technology trends|keep up with trends
technology strateg\w+|it strateg\w+ = define technology strategy
business (?:case|cases) = develop business case
business (?:analy\w+|process(?:es)?) = business analysis|analyse business processes
business (?:strateg\w+|plans?|goals?|objectives?) = develop business plans|analyse business objectives
(?:company|organi[sz]ation(?:al|'s)?|common|shared|team|our) (?:goals?|objectives?|vision|mission|values) = identify with the company's goals
product (?:management|manager|owner|roadmap|strategy) = plan product management|perform product planning
product development|(?:develop\w*|new) products? = develop new products|develop product design
(?:scientific|academic) (?:research|writing|papers|publications)|publish\w*|peer[- ]review\w* = write scientific publications|perform scientific research
research(?:er|ers|ing)? = perform scientific research|scientific research methodology
experiments?|lab(?:oratory)? (?:work|techniques|skills|tests?|experience) = laboratory techniques|perform laboratory tests
math(?:s|ematics|ematical)?|numera(?:cy|te|cal)|numbers = mathematics|apply numeracy skills
maint(?:enance|ain\w*) (?:of )?(?:\w+ ){0,2}(?:machin\w+|equipment|vehicles|tools) = maintain equipment|perform machine maintenance
cnc|set up (?:\w+ ){0,2}machin\w+ = set up the controller of a machine|program a CNC controller
blueprints?|technical drawings?|schematics? = read standard blueprints|read engineering drawings|technical drawings
electric(?:al|ian|ity)? = electricity|electrical engineering
mechanic(?:al|s)? = mechanics|mechanical engineering
weld(?:ing|er)? = operate welding equipment
plumb(?:ing|er)? = install plumbing systems|repair plumbing systems
construction = building construction principles
nurs(?:e|es|ing)|patient care = nursing principles|nursing science|implement nursing care
elderly|care home|dementia = tend to elderly people
(?:look after|care for|work with) (?:\w+ )?(?:children|kids)|child ?care|nanny = support children's wellbeing|play with children
teach(?:ing|er|ers)?|lessons?|curriculum = apply teaching strategies|curriculum objectives
cook(?:ing|s)?|chef|culinary = use cooking techniques|use food preparation techniques
cash(?:ier| register| handling)?|till|point of sale|pos = operate cash register
food and beverage|waiter|waitress|bar staff|bartend\w* = serve food in table service|serve beverages
reception(?:ist)?|front desk|greet\w* = greet guests
animals?|livestock = animal welfare|monitor the welfare of animals
sustainab(?:le|ility) = promote sustainability|advise on sustainability solutions
environmental(?:ly)? = ensure compliance with environmental legislation|environmental legislation
contracts? = manage contracts|contract law
legal|law = comply with legal regulations|legal studies
change management|manag\w+ change|transformation = apply change management
calendars?|diar(?:y|ies)|appointments? = administer appointments|manage schedule of tasks
(?:arrang|organi[sz]|book)\w* (?:\w+ ){0,2}travel|travel arrangements = oversee all travel arrangements
events? (?:management|planning|coordination|organi[sz]\w+)|(?:organi[sz]|plan|coordinat|run)\w* (?:\w+ ){0,2}events? = coordinate events|plan events
translat(?:e|es|ing|ion|ions|or) = translate texts|translate foreign language
brand(?:ing|s)? (?:strategy|identity|awareness|guidelines|management) = define brand identity|brand marketing techniques
(?:marketing )?campaigns? = plan marketing campaigns|develop campaigns
e-?mail(?:s)? (?:marketing|campaigns?) = execute email marketing
web ?analytics|google analytics = web analytics|perform online data analysis
complaints? = handle customer complaints
(?:customer|client)s? (?:enquiries|inquiries|questions|queries|requests) = respond to customers' inquiries|respond to enquiries
vital signs = monitor patient's vital signs
medication|medicines = administer prescribed medication|medicines
calibrat(?:e|es|ing|ion) = calibrate precision instrument|calibrate electronic instruments
tenders?|bids?|bidding|rfps? = carry out tendering|manage tender processes
fund-?rais(?:ing|e|er) = perform fundraising activities
grants? (?:applications?|proposals?|funding) = apply for research funding|manage grant applications
mergers?|acquisitions|m&a = mergers and acquisitions
invest(?:ment|ments|ing|or relations) = investment analysis|advise on investment
financial (?:analysis|modell?ing|planning|data) = financial analysis|create a financial plan
financ(?:e|ial) (?:management|controlling|department) = financial management
economic(?:s|al)? = economics
excel(?:lent)? (?:with|at) numbers|calculat(?:e|es|ing|ions?) = carry out calculations|apply numeracy skills
root cause|rca|failure analysis = root cause analysis
(?:preventive|preventative|predictive) maintenance = conduct routine machinery checks|predictive maintenance
assembl(?:e|es|ing|y) (?:of )?(?:\w+ ){0,2}(?:parts|components|products) = align components|assemble electromechanical systems
(?:hand|power) tools = use power tools|use tools for construction and repair
(?:measuring|measurement) (?:tools|instruments|equipment) = use measurement instruments|operate precision measuring equipment
deliver(?:y|ies) (?:driver|driving|vehicle|van) = drive vehicles
routes?|route planning = prepare transportation routes
housekeep(?:er|ing)|cleaner = conduct cleaning tasks
safeguarding|child protection = child protection|contribute to the safeguarding of children
strateg(?:y|ies|ic) (?:planning|development|direction) = implement strategic planning|strategic planning
road ?maps? = implement strategic planning
best practices? = identify improvement actions|follow company standards
technical (?:support|assistance) = provide ICT support
technical (?:writing|documentation|documents|manuals) = provide technical documentation|use technical documentation
user (?:stories|needs|research|requirements) = identify ICT user needs|execute ICT user research activities
user (?:training|manuals|documentation) = provide user documentation|provide ICT system training
(?:software|web|mobile) (?:applications?|apps) = computer programming|develop software prototype
integrat(?:e|es|ing|ion|ions) = ICT system integration|integrate system components
migrat(?:e|es|ing|ion|ions) = migrate existing data|plan migration to cloud
monitor(?:ing)? (?:\w+ ){0,2}(?:systems?|performance|servers?) = monitor system performance
work(?:ing)? (?:remotely|from home)|remote work = use online tools to collaborate
travel(?:l?ing)? (?:for|abroad|internationally|up to|\d+) = work in an international environment
"""

_BLANK = r"(?:^|(?<=[^a-z0-9]))"
_END = r"(?=$|[^a-z0-9+#])"


SECOND_NAME = 0.9  # weight of a pattern's second name, 0.8 of its third: the first is the nearest

_STRENGTH = r"(?:solid|strong|good|great|excellent|deep|in-depth|thorough|advanced|basic|sound|proven|expert|extensive|working|practical|hands-on|demonstrated\
|some|fair|outstanding|exceptional|demonstrable|prior|previous|relevant|fundamental|general|broad|detailed|comprehensive)"
_INTRODUCTIONS = re.compile(
    r"\b(?:"
    + "|".join(
        (
            r"(?:the |our )?(?:ideal|successful|right|perfect|suitable) candidate(?: (?:will|should|must|would))?(?: (?:be|have|possess|bring|also))?"
            r"(?: (?:expected|required|able) to)?",
            r"(?:we are|we're|currently) (?:currently )?(?:looking|seeking|searching|hiring) for",
            r"(?:is )?(?:looking|seeking) for|seeking an?|looking for an?",
            r"you (?:will|would|'ll|should|must|can|may|need to|have to)(?: also)?(?: be)?(?: (?:expected|required|responsible|able|asked|working|involved))?"
            r"(?: (?:to|for|in))?",
            r"you'?ll(?: be)?(?: (?:expected|required|responsible|able))?(?: (?:to|for))?",
            r"we (?:will )?(?:expect|offer|require|want|need)(?: you)?(?: to)?|what you'll do|(?:are )?responsible for",
            r"your (?:main )?(?:responsib\w+|tasks?|duties|role|profile)(?: (?:is|are|will be|include\w*))?(?: to)?",
            rf"(?:a )?(?:very )?{_STRENGTH} (?:and \w+ )?(?:knowledge|understanding|experience|command|grasp|background|expertise|familiarity|ability|abilities"
            r"|proficiency|track record|skills)(?: (?:of|in|with|on|within|to|as|from|working|using))*(?: (?:the|a|an))?",
            r"(?:knowledge|understanding|experience[ds]?|familiarity|familiar|proficien(?:t|cy)|expertise|fluen(?:t|cy)|background|ability|able|capable|capability"
            r"|competen(?:t|ce|cy)|skilled|passion(?:ate)?) (?:of|in|with|on|within|to|about|for|working|using)(?: (?:the|a|an|working|using|with|in))*",
            r"(?:at least |minimum )?\d+\s*(?:\+|-\s*\d+)?\s*years?(?:'| of)?(?: (?:relevant|professional|work|working))?"
            r"(?: experience)?(?: (?:of|in|with|within))?",
            r"(?:is|are|would be|will be) (?:a |an |highly )?(?:plus|bonus|must|advantage|required|preferred|preferable|desirable|desired|essential|beneficial"
            r"|useful|necessary|appreciated)(?: for this (?:role|position))?",
            r"job description|description position|requirements?|qualifications?|responsibilities|the job|job|(?:the|this) (?:role|position)",
            r"in this (?:role|position)",
            r"as (?:a|an) |etc|e\.g|preferably|experience|knowledge",
        )
    )
    + r")(?=\W|$)",
    re.I,
)
_PLACEHOLDER = re.compile(r"<[A-Z_]+>|[•*·]")
_COMMAS = re.compile(r"(?:\s*,)+")


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    rows = (line.rpartition(" = ") for line in _WORDINGS.replace("\\\n", "").strip().splitlines())
    return tuple((re.compile(f"{_BLANK}(?:{pattern}){_END}", re.I), tuple(names.split("|"))) for pattern, _, names in rows)


def names() -> list[str]:
    """Every name that a wording may stand for, sorted, each once."""
    return sorted({name for _, found in _table() for name in found})


def other_names(text: str) -> dict[str, float]:
    """What the wordings in a text are called in taxonomies.

    Returns:
        name -> weight: 1 for the first name of a wording, less for its second and third.
    """
    found: dict[str, float] = {}
    for pattern, called in _table():
        if pattern.search(text):
            for place, name in enumerate(called):
                found[name] = max(found.get(name, 0.0), round(SECOND_NAME - 0.1 * (place - 1), 6))
    return found


def without_introductions(text: str) -> str:
    """A text without what only introduces a skill ("strong knowledge of", "you will be responsible for"), a comma in its place.

    Adverts' boilerplate otherwise meets labels of its own: "description" is near "write job descriptions", "candidate" to "assess candidates".
    A text that is nothing else comes back whole.
    """
    bare = " ".join(_PLACEHOLDER.sub(" ", text).split())
    cut = _COMMAS.sub(" ,", " ".join(_INTRODUCTIONS.sub(" , ", bare).split())).strip(" ,.")
    return cut if sum(map(str.isalpha, cut)) >= 2 else bare
