// What a word suggests without meaning the same, from general knowledge: "rain" asks for the weather, and what it suggests counts less
// than a synonym. Nothing here knows a product's tools. `a < b c`: b and c suggest a. `a > b c`: a suggests b and c.
const RELATIONS = `
weather < rain raining rainy snow snowing sunny humid humidity wind windy storm hurricane umbrella celsius fahrenheit hot cold
forecast < tomorrow weekend rain snow; stock < shares equities nasdaq nyse dividend shareholder portfolio ipo
finance < stock money bank loan mortgage invest investing investment budget dividend earnings revenue
financial < stock money invest investment earnings revenue dividend; invest < portfolio stock fund bond etf asset
crypto < bitcoin btc ethereum eth blockchain coin token nft wallet cryptocurrency defi
cryptocurrency < bitcoin btc ethereum eth crypto coin token; blockchain < bitcoin ethereum nft smart wallet
currency < dollar dollars euro euros yen pound pounds usd eur gbp jpy yuan rupee forex; exchange < forex convert usd eur
flight < fly flying airport depart departure ticket
travel < trip vacation holiday journey flight hotel tourist tourism destination itinerary sightseeing visit visiting
trip < travel vacation holiday journey itinerary; hotel < room inn motel airbnb night booking
restaurant < dinner lunch eat eating cuisine pizza sushi table meal; recipe < cooking bake baking ingredient ingredients cuisine dinner
food < eat meal dinner lunch breakfast snack calorie calories nutrition diet
nutrition < calorie calories vitamin protein diet healthy carb; diet < calorie calories nutrition weight meal eating vegan keto
fitness < gym training muscle run running yoga
health < medical doctor symptom symptoms disease illness hospital medicine wellness patient
medical < doctor symptom disease hospital medicine patient clinic diagnosis; drug < pill prescription pharmacy
music < songs playlist album artist singer band concert melody spotify; song < playlist lyrics tune; video < youtube clip watch stream
movie < cinema actor actress watch imdb; game < play playing player gaming puzzle quiz chess trivia
sport < football soccer basketball baseball tennis team player score; book < read reading author ebook literature library
news < headlines articles latest journalist press; job < hiring hire resume employer position work salary recruiter; resume < cv career
house < home property apartment rent estate mortgage realtor; property < house home apartment estate rent realtor
estate < house home apartment property realtor rent; car < vehicle auto automobile drive dealer; vehicle < car truck auto automobile
shopping < buy buying purchase product shop store deal discount cheap cheapest; product < buy item goods shopping purchase
gift < birthday present anniversary wedding; discount < coupon deal promo cheap sale; coupon < discount promo deal voucher
image < photograph drawing illustration logo avatar art png jpg jpeg; diagram < flowchart uml sequence; chart < visualize visualise
visualization < visualize visualise; translate < language spanish french german chinese japanese english italian korean russian
language < spanish french german chinese japanese italian korean russian translate
math < equation algebra calculus solve integral derivative arithmetic calculate
calculator < calculate compute sum add multiply divide arithmetic math; website < domain homepage blog
domain < website dns whois registrar; search < look google browse seek
paper < research academic arxiv journal study scholar publication; research < study paper academic scholar literature
document < pdf docx word report; spreadsheet < excel sheet xlsx csv; pdf < document paper; slide < presentation powerpoint deck ppt
presentation < slide slides powerpoint deck; calendar < schedule agenda; event < concert conference festival show; email < gmail outlook
message < dm tell; contact < person phone lead people; lead < prospect; issue < problem defect; task < todo ticket assignment
repository < codebase git github; code < programming function debug developer snippet; database < query mysql postgres sqlite
tutorial < learn lesson course teach; course < learn class lesson study education training tutorial
education < learn student teacher school course study tutor; university < college campus; location < where near nearby coordinates city
map < where directions route nearby; navigation < directions drive; distance < far miles kilometers km
astrology < horoscope zodiac tarot; horoscope < zodiac astrology; pet < dog cat puppy kitten; name < called
law < legal lawyer attorney lawsuit contract; legal < lawyer attorney law lawsuit contract patent
marketing < ad ads campaign advertising seo brand promote; seo < keyword ranking backlink; advertising < ad ads campaign
social < instagram facebook twitter tiktok linkedin tweet; tweet < twitter; summarize < tldr brief gist
disk > file filesystem drive storage; mouse > hover cursor pointer; popup > dialog; modal > dialog
time < clock timezone hour date now today; date < today tomorrow yesterday day when; timezone < time; user < profile
profile < account user bio; password < login; security < vulnerability cve threat attack malware hack; phone < mobile cell number
sms < phone; order < checkout cart; invoice < bill billing receipt; payment < pay paid charge billing refund invoice transaction
transaction < payment transfer; ticket < booking concert; booking < book reserve reservation; reserve < book booking reservation
reservation < book booking reserve table; delivery < ship shipping package parcel courier track
shipment < ship shipping package parcel delivery; package < parcel; tracking < parcel package shipment
color < red blue green hex palette; quote < quotes saying inspirational; joke < funny laugh humor; air < pollution; pollution < air smog
astronomy < planet star space moon sun; space < nasa planet astronaut rocket mars; train < railway rail subway metro station
bus < transit transport; transit < bus subway metro train transport; taxi < cab uber ride lyft; ride < cab taxi uber lyft
begin > start initiate launch; end > finish complete close conclude; show > display view present render; press > click tap push
type > enter fill input; choose > select pick; attach > append add join; assign > allocate delegate; approve > accept confirm
reject > decline deny; invite > add; comment > reply respond answer note; answer > reply response respond; question > ask query
label > tag category; pin > star favorite favourite bookmark save; archive > store backup; restore > recover undo revert
enable > activate turn; disable > deactivate; upload > import attach; download > export save; export > download output
import > load upload; share > publish post; sync > synchronize synchronise; subscribe > follow; unsubscribe > unfollow
lock > freeze protect; block > ban mute; hide > conceal; clear > empty reset; reset > clear restore; refresh > reload update
merge > combine join unite concatenate; split > divide separate; sort > order rank; filter > narrow
count > number total amount quantity; average > mean; maximum > max highest largest; minimum > min lowest smallest
near > nearby nearest close closest around; latest > recent newest current; draft > compose write; compose > write draft; new > create
setup > configure set install; configure > setup configuration settings setting; setting > preference option configuration
monitor > track watch observe; track > monitor follow; measure > metric statistics stats; statistics > stats metrics analytics insight
analytics > statistics insight metrics; report > summary; estimate > predict forecast prediction; predict > forecast prediction
recommend > suggest recommendation suggestion; suggestion > recommendation idea; explain > describe description definition
definition > meaning define; rename > retitle; team > group club; group > team channel; channel > room; page > document
row > record entry; record > entry row; column > field property; field > column; key > id identifier; id > identifier; link > connect
connect > link join attach; domain > site; server > host machine; host > server; container > docker; job > task process
task > todo assignment; todo > task checklist; milestone > deadline goal; deadline > due; due > deadline; priority > importance urgent
status > state condition; condition > status state; log > logs; error > exception failure fault; fix > repair solve resolve
resolve > close fix solve; solve > resolve solution; employee > staff worker personnel; staff > employee; manager > boss supervisor
student > pupil learner; teacher > instructor tutor; school > college university; patient > client; nurse > doctor; child > kid children
baby > infant; woman > female; man > male; photo > photograph; camera > photo; audio > sound voice; voice > speech audio sound
speech > voice speak talk; speak > say talk; transcribe > transcript transcription; caption > subtitle; lyrics > lyric words
artist > singer musician band; album > record; playlist > list; actor > cast; episode > show series; series > show tv
tv > television show; game > match; score > result; result > outcome; tournament > competition championship; player > athlete
coach > trainer; ticket > pass reservation; seat > place; rent > rental lease; lease > rent; loan > credit mortgage; mortgage > loan
bank > account; balance > amount; pay > payment; payment > pay charge; charge > bill fee; fee > cost charge; bill > invoice
invoice > bill receipt; refund > reimburse return; discount > coupon promotion deal; cheap > affordable budget inexpensive
expensive > luxury; product > item goods; item > product thing; store > shop; shop > store; cart > basket; ship > deliver
delivery > shipping shipment; parcel > package; zip > postal postcode; postcode > zip postal; latitude > coordinate
coordinate > latitude longitude gps; gps > location; region > area zone; area > region zone; country > region; state > province region
street > road; building > house; house > home; home > house; apartment > flat; car > vehicle automobile; bike > bicycle
train > railway rail; airport > airline; trip > journey travel tour; travel > trip journey; vacation > holiday trip
tourist > travel tourism; visit > travel tour; attraction > sight landmark; beach > sea ocean; mountain > hill hike; animal > pet
plant > flower garden; tree > plant; water > liquid; energy > power electricity; fuel > gas petrol; speed > velocity fast; weight > mass
height > tall; temperature > heat thermal; angle > degree rotation; rotate > turn spin; resize > scale; scale > resize; crop > cut trim
trim > cut; draw > paint sketch; design > create draw; style > format theme; format > convert; font > typeface; logo > brand
brand > company; startup > company; competitor > competition rival; market > industry; industry > sector; sector > industry
trend > popular trending; popular > trending top hot best; famous > popular; celebrity > star famous; biography > bio profile
birthday > birth; death > die; marriage > wedding; wedding > marriage; love > romance relationship; religion > faith bible
prayer > pray; philosophy > thought; history > historical; war > conflict; government > politics political; election > vote; vote > poll
poll > survey; survey > questionnaire poll form; form > survey; law > legal; court > legal; crime > police; police > crime
fire > emergency; emergency > urgent; disaster > earthquake; safety > security; security > safety; risk > danger; privacy > private
encrypt > cipher encode; decrypt > decipher decode; encode > encrypt; hash > digest checksum; token > key; api > endpoint
endpoint > api route; request > call; call > invoke phone; phone > telephone mobile; mobile > phone; chat > conversation talk
conversation > chat thread dialogue; thread > conversation; topic > subject theme; subject > topic title; title > heading name
paragraph > text; sentence > text; word > term vocabulary; vocabulary > word dictionary; dictionary > definition vocabulary
synonym > thesaurus; grammar > spelling; spelling > spellcheck; essay > article; article > post paper; blog > post article
poem > poetry; story > tale; joke > humor; quote > quotation; fact > trivia; trivia > quiz; quiz > test; exam > test; test > exam
homework > assignment; lesson > course class; course > class; class > course; learn > study education; study > learn research
research > study; science > scientific; paper > article publication; citation > reference; reference > citation; library > collection
collection > set; list > collection; python > programming; programming > code coding; coding > programming code; developer > programmer
debug > fix; compile > build; deploy > release publish; release > version; version > release; branch > fork; clone > fork
install > setup; package > library module; dependency > package
`

/** Every pair of a word and one that it suggests, both as written. */
export function* relatedWords(): Generator<readonly [word: string, suggested: string]> {
  for (const relation of RELATIONS.trim().split(/; |\n/)) {
    const [one = '', direction, ...others] = relation.split(' ')
    for (const other of others) yield direction === '<' ? [other, one] : [one, other]
  }
}
