package datatype

// Facts of the registry of language subtags (BCP 47) that golang.org/x/text/language has in
// another form or not at all.

// wholeTags are registered as a whole: use is what to write instead, "-" when there is
// nothing, empty when the tag is in order.
var wholeTags = [...]struct{ tag, use string }{
	{"art-lojban", "jbo"}, {"cel-gaulish", "-"}, {"en-gb-oed", "en-GB-oxendict"},
	{"i-ami", "ami"}, {"i-bnn", "bnn"}, {"i-default", ""}, {"i-enochian", "-"}, {"i-hak", "hak"},
	{"i-klingon", "tlh"}, {"i-lux", "lb"}, {"i-mingo", ""}, {"i-navajo", "nv"}, {"i-pwn", "pwn"},
	{"i-tao", "tao"}, {"i-tay", "tay"}, {"i-tsu", "tsu"}, {"no-bok", "nb"}, {"no-nyn", "nn"},
	{"sgn-be-fr", "sfb"}, {"sgn-be-nl", "vgt"}, {"sgn-ch-de", "sgg"}, {"zh-guoyu", "cmn"},
	{"zh-hakka", "hak"}, {"zh-min", "-"}, {"zh-min-nan", "nan"}, {"zh-xiang", "hsn"},
	{"zh-cmn", "cmn"}, {"zh-cmn-hans", "cmn-Hans"}, {"zh-cmn-hant", "cmn-Hant"},
	{"zh-gan", "gan"}, {"zh-wuu", "wuu"}, {"zh-yue", "yue"},
	{"sgn-br", "bzs"}, {"sgn-co", "csn"}, {"sgn-de", "gsg"}, {"sgn-dk", "dsl"}, {"sgn-es", "ssp"},
	{"sgn-fr", "fsl"}, {"sgn-gb", "bfi"}, {"sgn-gr", "gss"}, {"sgn-ie", "isg"}, {"sgn-it", "ise"},
	{"sgn-jp", "jsl"}, {"sgn-mx", "mfs"}, {"sgn-ni", "ncs"}, {"sgn-nl", "dse"}, {"sgn-no", "nsl"},
	{"sgn-pt", "psr"}, {"sgn-se", "swl"}, {"sgn-us", "ase"}, {"sgn-za", "sfs"},
}

// deprecatedLanguages are old codes with their new ones.
var deprecatedLanguages = [...][2]string{{"in", "id"}, {"iw", "he"}, {"ji", "yi"}, {"jw", "jv"}, {"mo", "ro"}}

// deprecatedRegions are of states that are no more.
var deprecatedRegions = [...]string{"an", "bu", "cs", "dd", "fx", "nt", "su", "tp", "yd", "yu", "zr"}

// deprecatedVariants have been replaced.
var deprecatedVariants = [...]string{"arevela", "arevmda", "heploc"}

// moreVariants have been registered after the tables of x/text were made.
var moreVariants = [...]string{
	"akhmimic", "anpezo", "bciav", "bcizbl", "blasl", "bohairic", "fascia", "fayyumic", "fodom", "gallo",
	"gherd", "hanoi", "hsistemo", "huett", "ivanchov", "lengadoc", "leidentr", "ltg1929", "ltg2007",
	"lycopol", "mdcegyp", "mdctrans", "mesokem", "nicard", "parahawu", "pehoeji", "peano", "provenc",
	"saigon", "sahidic", "synnejyl", "tailo", "tongyong", "tunumiis", "vaidika", "valbadia", "vallader",
	"viennese", "xsistemo", "aluku", "aranes", "auvern", "cisaup", "creiss", "grclass", "gascon", "grital",
	"grmistr", "lemosin", "vivaraup", "gasc", "vecdruka", "vatikan", "itihasa", "jauer", "jyutping", "kkcor",
	"kleinsch", "kociewie", "kscor", "laukika", "lipaw", "ndyuka", "nedis", "newfound", "nulik", "osojs",
	"oxendict", "pahawh2", "pahawh3", "pahawh4", "pamaka", "peverara", "pinyin", "puter", "rigik", "rumgr",
	"simple", "solba", "sotav", "spanglis", "surmiran", "sursilv", "sutsilv", "ulster", "unifon", "xsistem",
	"arkaika", "asante", "balanka", "barla", "basiceng", "bauddha", "biscayan", "bornholm", "colb1945",
	"cornu", "dajnko", "ekavsk", "emodeng", "fonkirsh", "fonnapa", "fonupa", "fonxsamp", "hognorsk",
	"ijekavsk", "luna1918", "metelko", "monoton", "polyton", "propedia", "scotland", "scouse", "tarask", "uccor",
	"ucrcor", "wadegile", "1606nict", "1694acad", "1959acad", "1994", "1996", "1901", "abl1943", "akuapem",
	"alalc97", "ao1990", "baku1926", "boont", "hepburn", "heploc", "rozaj", "lipaw", "njiva", "biske",
	"fonipa", "petr1708", "valencia", "erzgeb",
}

// bibliographicCodes are ISO 639-2 codes that are no language tags, with what to write.
var bibliographicCodes = [...][2]string{
	{"alb", "sq"}, {"arm", "hy"}, {"baq", "eu"}, {"bur", "my"}, {"chi", "zh"}, {"cze", "cs"}, {"dut", "nl"},
	{"fre", "fr"}, {"geo", "ka"}, {"ger", "de"}, {"gre", "el"}, {"ice", "is"}, {"mac", "mk"}, {"mao", "mi"},
	{"may", "ms"}, {"per", "fa"}, {"rum", "ro"}, {"slo", "sk"}, {"tib", "bo"}, {"wel", "cy"},
}

// extlangs are the languages that may stand behind the code of their macrolanguage; behind
// sgn any sign language may.
var extlangs = [...]struct{ macro, members string }{
	{"ar", "aao abh abv acm acq acw acx acy adf aeb aec afb ajp apc apd arb arq ars ary arz auz avl ayh ayl ayn ayp bbz pga shu ssh"},
	{"kok", "gom knn"},
	{"lv", "ltg lvs"},
	{"ms", "bjn btj bve bvu coa dup hji jak jax kvb kvr kxd lce lcf liw max meo mfa mfb min mqg msi mui orn ors pel pse tmw urk vkk vkt xmm zlm zmi zsm"},
	{"sw", "swc swh"},
	{"uz", "uzn uzs"},
	{"zh", "cdo cjy cmn cnp cpx csp czh czo gan hak hnm hsn luh lzh mnp nan sjc wuu yue"},
}
