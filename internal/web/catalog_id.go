package web

var indonesian = Texts{
	Tag: "id", Language: "Bahasa Indonesia",

	System: indonesianSystem,

	Pages: "Halaman",

	Title: "Sekarang", Tagline: "setiap label tercatat", SkipToContent: "Langsung ke angka",
	Updated: "Diperbarui {0}", NoAnswer: "Tidak ada jawaban sejak {0}", ZoneNote: "Semua waktu dalam %s",

	AsOf: "keadaan %s", NotKnown: "Belum diketahui: bagian ini belum pernah terbaca.",
	AwayTitle:      "Basis data tidak terjangkau sejak %s",
	AwayKept:       "Kejadian tetap diterima dan menunggu di kotak masuk; tidak ada yang hilang. Label, perubahan, dan sesi di bawah ini dari pembacaan terakhir yang berhasil.",
	AwayNever:      "Kejadian tetap diterima dan menunggu di kotak masuk; tidak ada yang hilang. Label, perubahan, dan sesi muncul di sini begitu basis data menjawab.",
	AwayToo:        "Label, perubahan, dan sesi tidak dapat dibaca.",
	MigratingTitle: "Skema basis data sedang diperbarui: langkah %s dari %s",
	MigratingText:  "Sementara itu kejadian tetap diterima dan menunggu di kotak masuk.",
	InboxTitle:     "Kotak masuk tidak dapat dibaca",
	InboxText:      "Apa yang sudah datang tidak diketahui. Lihat log dan jalankan “tandai doctor”.",
	RefusingTitle:  "Kejadian tidak dapat diterima: kotak masuk tidak bisa ditulis",
	RefusingText:   "WAHA dijawab 503 dan mengirim lagi selama pengaturan retry-nya. Periksa disk; lihat log dan jalankan “tandai doctor”.",
	WhatItSaid:     "pesan aslinya",

	TileActive: "Label aktif", TileLog: "Kejadian di log", TileWaiting: "Menunggu di kotak masuk", TileQuarantined: "Di karantina",
	Clients:        Plural{"di %s klien", "di %s klien"},
	DifferentNames: Plural{"%s nama", "%s nama berbeda"},
	LabelsLeftOut:  Plural{"%s label tidak ditampilkan: daftar milik WhatsApp, atau sesuai konfigurasi", "%s label tidak ditampilkan: daftar milik WhatsApp, atau sesuai konfigurasi"},
	MadeSpans:      Plural{"menjadi %s rentang", "menjadi %s rentang"},
	AllRecorded:    "semua sudah tercatat", Oldest: "yang terlama %s", NobodyNeeded: "tidak ada yang perlu dilihat", NeedsPerson: "perlu dilihat orang", Unknown: "belum diketahui",

	ChartTitle:   "Kejadian per menit",
	ChartQuiet:   "Tidak ada kejadian dalam satu jam terakhir",
	ChartBusy:    Plural{"%s kejadian dalam satu jam terakhir, pukul %[2]s", "%s kejadian dalam satu jam terakhir, terbanyak pukul %[2]s (%[3]s)"},
	ChartCaption: "Webhook yang masuk ke kotak masuk, menurut menit kedatangannya. Batang pucat adalah menit yang masih berjalan.",
	ChartDesc:    "Enam puluh batang, satu per menit, dari pukul %s sampai %s. Yang tertinggi %s.",
	MinuteTitle:  Plural{"%[2]s · %[1]s kejadian", "%[2]s · %[1]s kejadian"},
	ShowAsTable:  "tampilkan sebagai tabel", Minute: "Menit", Received: "Kejadian", RunningMinute: "masih berjalan", NowLabel: "kini",

	Database: "Basis data", StateUp: "terhubung", StateAway: "tidak terjangkau", StateMigrating: "sedang diperbarui",
	Engine: "Mesin", Schema: "Skema", SchemaStep: "langkah %s dari %s", Since: "sejak %s",
	Inbox: "Kotak masuk", InboxAccepts: "menerima", InboxRefuses: "menolak", InboxSilent: "belum menjawab",
	ReceivedInAll: "Diterima seluruhnya", LastReceived: "Terakhir diterima", OnDisk: "Di disk", Of: "%s dari %s",

	ActiveHead: "Label aktif", RecentHead: "Perubahan terakhir", SkippedHead: "Dilewati", QuarantineHead: "Karantina", SessionsHead: "Sesi",
	ActiveTitle: Plural{"%s label aktif saat ini", "%s label aktif saat ini"},
	ActiveNone:  "Belum ada label yang aktif", ActiveCaption: "Jumlah prospek yang membawa tiap label, per klien. Prospek dengan dua label dihitung di keduanya.",
	Label: "Label", Leads: "Prospek", MoreLabels: "%s lagi", Won: "jadi", Lost: "batal", Nameless: "label %s, namanya belum diketahui",
	RecentTitle: Plural{"Perubahan terakhir", "%s perubahan terakhir"},
	RecentNone:  "Belum ada perubahan", RecentCaption: "Yang terbaru di atas, menurut waktu dari WAHA.",
	Added: "ditambahkan ke", Removed: "dihapus dari", Hidden: "nomor belum diketahui",
	SkippedTitle: Plural{"%s kejadian dilewati", "%s kejadian dilewati"},
	SkippedNone:  "Tidak ada yang dilewati", SkippedCaption: "Dilewati dan dihitung menurut alasannya, sejak awal.",
	Reason: "Alasan", Number: "Kejadian",
	QuarantineTitle: Plural{"%s kejadian tidak dapat dipahami", "%s kejadian tidak dapat dipahami"},
	QuarantineNone:  "Karantina kosong", QuarantineCaption: "Disimpan sampai ditangani. Setelah diperbaiki, “tandai replay --quarantined” menjalankannya lagi.",
	QuarantineMore: Plural{"dan %s yang lebih lama", "dan %s yang lebih lama"},
	Time:           "Waktu", Event: "Kejadian", Session: "Sesi", WhatWasWrong: "Apa yang salah",
	SessionsTitle: Plural{"%s sesi", "%s sesi"},
	SessionsNone:  "Belum ada sesi", SessionsCaption: "Satu sesi WAHA adalah satu nomor WhatsApp milik satu CS.",
	Client: "Klien", CS: "CS", CSNumber: "Nomor", State: "Status", View: "View", StatusUnsaid: "belum ada kabar",

	EmptyTitle: "Belum ada yang masuk",
	EmptyText:  "Tandai sudah berjalan dan menunggu label pertama. Ada dua cara mengirimnya:",
	EmptyHook:  "Pasang alamat webhook ini di WAHA", EmptyHookNote: "Alamatnya harus seperti yang dilihat WAHA: dari dalam Docker, ganti %s dengan host.docker.internal atau nama mesin ini, dan pasang kunci HMAC.",
	EmptyEvents: "Dengan kejadian ini:",
	EmptyTry:    "Atau kirim satu sendiri", EmptyTrySigned: "Kunci HMAC terpasang, jadi isinya harus ditandatangani. Isi dulu KEY dengan kunci itu.",
	EmptyTryNote: "Halaman ini menampilkannya dalam hitungan detik.",
	NoKey:        "Kunci HMAC belum dipasang: siapa pun yang bisa mencapai pintu ini bisa menulis.",

	Second: "dtk", MinuteUnit: "mnt", Hour: "jam", Day: "hari",

	Reasons: map[string]string{
		"group": "obrolan grup", "broadcast": "siaran atau status", "newsletter": "saluran", "other_chat": "bukan obrolan pribadi",
		"ignored_number": "nomor di daftar abaikan", "unknown_event": "jenis kejadian tidak dikenal", "unused_event": "kejadian yang tidak dipakai",
	},
	Sources: map[string]string{"snapshot": "dipulihkan", "import": "diimpor", "label_deleted": "labelnya dihapus"},
	Statuses: map[string]string{
		"WORKING": "aktif", "STARTING": "sedang mulai", "SCAN_QR_CODE": "menunggu pindai QR", "FAILED": "gagal", "STOPPED": "berhenti",
		"PASSKEY_REQUIRED": "menunggu passkey", "PASSKEY_CONFIRMATION_REQUIRED": "menunggu passkey",
	},

	RefusedPeer:  "Halaman ini hanya menjawab di mesin tempatnya berjalan, karena belum ada akun. Permintaan Anda datang dari %s.",
	RefusedProxy: "Halaman ini hanya menjawab di mesin tempatnya berjalan, karena belum ada akun. Permintaan Anda datang lewat proxy (%s).",
	RefusedHost:  "Halaman ini hanya menjawab dengan nama mesin tempatnya berjalan. Permintaan Anda meminta host %s.",
	RefusedDo:    "Buka http://127.0.0.1:%[1]s/ di sana, atau buat terowongan dari sini dengan\n\n    ssh -L %[1]s:127.0.0.1:%[1]s SERVER\n\nlalu buka http://127.0.0.1:%[1]s/ di mesin Anda sendiri.",
	NotFound:     "Halaman itu tidak ada. Yang ada: / dan /system.",
}
