package web

var indonesianSystem = SystemTexts{
	Title: "Sistem",

	TileHeard: "Terdengar tepat waktu", TileRepaired: "Dipulihkan dari WAHA", TileHidden: "Nomor belum diketahui", TileSending: "Menunggu dikirim",
	OfChanges: Plural{"dari %s perubahan", "dari %s perubahan"}, LastDays: Plural{"dalam sehari terakhir", "dalam %s hari terakhir"},
	NothingChanged: "tidak ada perubahan dalam %s hari", RestRepaired: "sisanya terlambat atau dipulihkan", AllHeard: "semua perubahan datang lewat webhook",
	SeenOnce: Plural{"%s selisih menunggu pembacaan kedua", "%s selisih menunggu pembacaan kedua"},
	NoDoubt:  "tidak ada yang menunggu pembacaan kedua", StillAsked: "WAHA ditanya lagi", NotAsked: "WAHA tidak ditanya", AllNamed: "semua prospek ada nomornya", AllSent: "semua terkirim",
	GaveUp: Plural{"%s tidak dikenal WAHA selama 30 hari", "%s tidak dikenal WAHA selama 30 hari"}, DeadLetters: Plural{"%s gagal dikirim", "%s gagal dikirim"},
	SwitchedOff: "dimatikan",

	NoRadar:  "Radar dimatikan (radar.enabled): tidak ada yang tahu bila sebuah nomor mendadak diam.",
	NoTruth:  "Label tidak dibandingkan dengan WAHA: untuk itu perlu waha.url dan reconcile.enabled. Yang hilang bersama webhook tidak diketahui.",
	NoPeople: "ID tersembunyi tidak dicari: untuk itu perlu waha.url. Nomornya hanya diketahui dari pesan.",
	NoOutbox: "Tidak ada yang diteruskan: relay.destinations masih kosong.",

	NumbersHead: "Nomor", NumbersCaption: "Seberapa baik tiap nomor terdengar. Terdengar adalah bagian perubahannya dalam %s hari terakhir yang datang lewat webhook tepat waktu; sisanya terlambat atau harus dipulihkan dari WAHA.",
	NumbersTitle: Plural{"%s nomor didengarkan", "%s nomor didengarkan"}, NumbersSilent: Plural{"%s dari %[2]s nomor perlu dilihat orang", "%s dari %[2]s nomor perlu dilihat orang"},
	LastEvent: "Kejadian terakhir", Heard: "Terdengar", ComparedAt: "Dibandingkan dengan WAHA", Hearing: "Radar",
	NotJudged: "belum diketahui: belum pernah dibandingkan", Checking: "ada selisih yang sedang diperiksa",
	NeverHeard: "belum ada", NeverCompared: "belum", Polled: "dibaca berkala: engine ini tidak mengirim kejadian label", NothingToHear: "tidak ada perubahan",
	ShareOf: Plural{"dari %s", "dari %s"},
	HearingStates: map[string]string{
		"learning": "masih belajar", "hears": "terdengar", "quiet": "sepi", "deaf": "diam",
	},
	AlarmAfter: "alarm bila diam sampai %s",

	AlarmsHead: "Alarm", AlarmsNone: "Tidak ada alarm", AlarmsCaption: "Diam menjadi alarm bila terlalu janggal untuk nomor ini pada jam dan hari itu.", AlarmsPast: "selesai",
	AlarmsTitle: Plural{"%s alarm menyala", "%s alarm menyala"},
	AlarmKinds: map[string]string{
		"deaf": "diam, padahal kata WAHA aktif", "session": "tidak aktif", "waha": "tidak menjawab",
	},
	AlarmLasted: "selama %s", AlarmSince: "sudah %s", AlarmExpected: "biasanya %s menit berisi kejadian",
	AlarmRestarts: Plural{"dimulai ulang sekali", "dimulai ulang %s kali"}, AlarmRecovered: Plural{"%s label dipulihkan", "%s label dipulihkan"},
	AlarmFlaps: Plural{"kembali sekali", "kembali %s kali"},
	AlarmCleared: map[string]string{
		"events": "kejadian datang lagi", "working": "aktif lagi", "answers": "menjawab lagi", "removed": "sudah tidak ada", "other": "digantikan alarm lain",
		"quiet": "terlalu sepi untuk dinilai", "disabled": "tidak diawasi lagi",
	},

	RepairedHead: "Dipulihkan", RepairedNone: "Tidak ada yang perlu dipulihkan", RepairedCaption: "Perubahan yang tidak dikabarkan webhook, ditemukan dengan dua kali membandingkan dengan WAHA. Terjadinya di antara kedua waktu itu.",
	RepairedTitle: Plural{"%s perubahan dipulihkan", "%s perubahan dipulihkan"},
	Between:       "antara %s dan %s", Before: "sebelum %s", Nowhere: "–",
	RunsHead: "Perbandingan dengan WAHA", RunsNone: "Belum pernah dibandingkan", RunsCaption: "Selisih yang terlihat sekali hanya dicatat; baru menjadi kejadian bila pembacaan kedua sama.",
	RunOpen:   Plural{"%s akan dilihat lagi", "%s akan dilihat lagi"},
	RunsTitle: Plural{"Dibandingkan dengan WAHA pukul %[2]s", "Terakhir dibandingkan dengan WAHA pukul %[2]s"},
	RunRead:   "Label dibaca", RunFound: "Ditemukan",
	RunSame: "cocok", RunFailed: "gagal",
	RunReasons: map[string]string{
		"start": "mulai", "working": "sesi aktif lagi", "deaf": "setelah diam", "gap": "setelah terputus", "ambiguous": "urutan tak jelas", "confirm": "pembacaan kedua", "again": "setelah pembacaan tak lengkap", "daily": "harian", "poll": "berkala",
		"command": "manual",
	},
	Took: "selama %s",

	PeopleHead: "Orang", PeopleNone: "Semua prospek ada nomornya", PeopleCaption: "WhatsApp menyembunyikan sebagian nomor di balik ID. WAHA ditanya dengan jeda yang makin panjang, selama 30 hari.",
	PeopleTitle: Plural{"%s prospek hanya dikenal dari ID tersembunyi", "%s prospek hanya dikenal dari ID tersembunyi"},
	PeopleMore:  Plural{"dan %s lagi", "dan %s lagi"},
	HiddenID:    "ID tersembunyi", SinceHead: "Sejak", Asked: "Ditanyakan", NextAsk: "Ditanyakan lagi",
	AskedTimes:  Plural{"sekali", "%s kali"},
	NotAnswered: "tidak bisa ditanya sejak %s",
	GivenUp:     "tidak lagi", AskedSoon: "sebentar lagi",
	MovedTitle:   Plural{"%s ID tersembunyi berganti nomor", "%s ID tersembunyi berganti nomor"},
	DoubledTitle: Plural{"%s nomor punya beberapa ID tersembunyi", "%s nomor punya beberapa ID tersembunyi"},

	OutboxHead: "Tujuan", OutboxNone: "Tidak ada yang diteruskan", OutboxCaption: "Kejadian label dan sesi, diteruskan seperti dikirim WAHA. Yang gagal sudah dicoba lebih dari sehari; “tandai outbox redeliver” mengirimnya lagi.",
	OutboxTitle: Plural{"Kejadian diteruskan ke %s tujuan", "Kejadian diteruskan ke %s tujuan"}, OutboxShut: Plural{"%s dari %[2]s tujuan tidak menerima kiriman", "%s dari %[2]s tujuan tidak menerima kiriman"},
	Destination: "Tujuan", WaitingHead: "Menunggu, terlama", DeadHead: "Gagal", LastFailed: "Kesalahan terakhir",
	BreakerClosed: "mengirim", BreakerOpen: "ditahan", Unconfigured: "tidak lagi di konfigurasi",
	TriedAgain: "dicoba lagi pukul %s",

	FeedsHead: "Jalan masuk", FeedsCaption: "Cara kejadian WAHA sampai ke sini.",
	FeedsTitle:  Plural{"Kejadian datang dari %s server WAHA", "Kejadian datang dari %s server WAHA"},
	FeedWebhook: "WAHA mengirim webhook", FeedWebsocket: "Tandai membaca websocket WAHA",
	FeedConnected: "tersambung", FeedGone: "terputus", FeedOpen: "pintu terbuka",
	FeedLast: "kejadian terakhir %s",
}
