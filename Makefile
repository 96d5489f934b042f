# Fumin's one Makefile (non-recursive). `make help` lists the targets.
# Flavours live side by side: build/release, build/asan, build/tsan, build/cov, build/clang.

.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec

# Rooms from the ground up: a room may use those before it (doc/architecture.md).
ROOMS := base db http sandbox frame html rule stats profile people work store register ledger casework help office stock shop sale watch insight web
TOP_ROOMS := web

FLAVOURS := release asan tsan cov clang fuzz
F ?= release
FLAVOUR := $(F)

PKGS := libmicrohttpd sqlite3 libpq libsodium xlsxwriter libzip libxml-2.0 jansson icu-uc icu-i18n zlib libseccomp libqrencode libcurl pangocairo lapacke openblas libjpeg libpng libwebp
# Read once, and only when something is compiled: a bare machine has no pkg-config yet.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)

CC_release := gcc
CC_asan := gcc
CC_tsan := gcc
CC_cov := gcc
CC_clang := clang-19
CC_fuzz := clang-19
WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wformat=2 -Wundef -Wnull-dereference -Wswitch-enum -Wpointer-arith -Wcast-qual \
	-Wwrite-strings -Werror
BASE_CFLAGS := -std=c17 -g -D_GNU_SOURCE -Isrc -Ibuild/gen -fstack-protector-strong -fPIE -pthread \
	-MMD -MP -include tools/banned.h
FLAGS_release := -O2 -D_FORTIFY_SOURCE=2
FLAGS_asan := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_tsan := -O1 -fsanitize=thread
FLAGS_cov := -O0 --coverage
FLAGS_clang := -O1
FLAGS_fuzz := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer -DFUMIN_FUZZ=1
# libxlsxwriter's own macros use a banned function: its header comes before the ban.
build/%/obj/frame/write_xlsx.o build/%/obj/web/demo_sheet.o: BEFORE := -include xlsxwriter.h
# So do those of glib, under pango.
build/%/obj/html/pdf.o: BEFORE := -include pango/pangocairo.h
# gcc's -Wnull-dereference sees ghosts under the sanitisers' instrumentation.
WARN_release := $(WARN)
WARN_asan := $(filter-out -Wnull-dereference,$(WARN))
WARN_tsan := $(WARN_asan)
WARN_cov := $(WARN_asan)
# Named whole numbers in drawings (pixels) meet doubles on purpose.
WARN_clang := $(WARN_asan) -Wno-enum-float-conversion
WARN_fuzz := $(WARN_clang)
LDFLAGS := -pthread -pie -Wl,-z,relro,-z,now -Wl,--as-needed
LIBS = $(PKG_LIBS) -lreadstat -lm

GEN := build/gen
room_of = $(patsubst src/%/,%,$(dir $(1)))

# ---- sources ----
ROOM_SRC = $(filter-out %_page.c %_cmd.c %_test.c %_fuzz.c %_bench.c,$(wildcard src/$(1)/*.c))
TOP_SRC := $(wildcard src/*/*_page.c src/*/*_cmd.c) $(foreach r,$(TOP_ROOMS),$(call ROOM_SRC,$(r)))
HTML := $(wildcard src/*/*.html)
SQL := $(wildcard src/*/*.sql)
HTML_C := $(HTML:src/%=$(GEN)/%.c)
# Rooms below the pages own a few templates of their own (html/table.html); pages' templates are of the top floor.
LOW_HTML := $(wildcard src/html/*.html)
TOP_HTML_C := $(filter-out $(LOW_HTML:src/%=$(GEN)/%.c),$(HTML_C))
UNIT_TESTS := $(wildcard src/*/*_test.c)
WHOLE_TESTS := $(wildcard test/*_test.c)
FUZZERS := $(wildcard src/*/*_fuzz.c)
BENCHES := $(wildcard bench/*_bench.c)
PROFILE_FILES := $(wildcard profile/*/*.csv profile/*/*/*.csv)
WEB_FILES := $(wildcard web/*.css web/*.js web/*.svg web/*.png web/*.txt web/vendor/*/*)
PO := $(wildcard po/zh_CN.d/*.po)

GEN_HEADERS := $(HTML:src/%=$(GEN)/%.h) $(SQL:src/%=$(GEN)/%.h)

# ---- host tools ----
TOOLS := tmplc sqlc embed msgc check_src
TOOL_BIN := $(TOOLS:%=build/tools/%)
TOOL_COMMON := $(wildcard tools/common/*.c)
build/tools/%: tools/%.c $(TOOL_COMMON) $(wildcard tools/common/*.h)
	@mkdir -p $(@D)
	gcc -std=c17 -O1 -g -D_GNU_SOURCE -Wall -Wextra -Wshadow -Werror -Itools -o $@.$$$$ $< $(TOOL_COMMON) -lz && mv $@.$$$$ $@

$(GEN)/%.html.c $(GEN)/%.html.h &: src/%.html build/tools/tmplc
	@mkdir -p $(@D)
	build/tools/tmplc $< $(GEN)/$*.html.c $(GEN)/$*.html.h
$(GEN)/%.sql.h: src/%.sql build/tools/sqlc
	@mkdir -p $(@D)
	build/tools/sqlc $< $@
$(GEN)/sql_all.c: $(SQL) build/tools/sqlc
	@mkdir -p $(@D)
	build/tools/sqlc --all $@ $(SQL)
$(GEN)/migrations.c: $(wildcard src/db/migration/*.sql) build/tools/embed
	@mkdir -p $(@D)
	build/tools/embed --migrations $@ $(sort $(wildcard src/db/migration/*.sql))
$(GEN)/embed_files.c: $(WEB_FILES) $(PROFILE_FILES) build/tools/embed
	@mkdir -p $(@D)
	build/tools/embed $@ $(sort $(WEB_FILES) $(PROFILE_FILES))
$(GEN)/messages.c: $(PO) build/tools/msgc
	@mkdir -p $(@D)
	build/tools/msgc $@ $(PO)

# ---- objects and libraries, per flavour ----
define flavour_rules
build/$(1)/obj/gen/%.o: $(GEN)/%.c | build/$(1)/flags
	@mkdir -p $$(@D)
	$(CC_$(1)) $(BASE_CFLAGS) $(FLAGS_$(1)) $(filter-out -Wconversion,$(WARN_$(1))) $$(PKG_CFLAGS) -c -o $$@ $$<
build/$(1)/obj/outer/%.o: %.c | $(GEN_HEADERS) build/$(1)/flags
	@mkdir -p $$(@D)
	$(CC_$(1)) $(BASE_CFLAGS) $(FLAGS_$(1)) $(filter-out -Wconversion,$(WARN_$(1))) $$(PKG_CFLAGS) -c -o $$@ $$<
build/$(1)/flags:
	@mkdir -p $$(@D); touch $$@

build/$(1)/lib_gen.a: build/$(1)/obj/gen/migrations.o build/$(1)/obj/gen/embed_files.o build/$(1)/obj/gen/messages.o
	@rm -f $$@; ar rcs $$@ $$^
build/$(1)/lib_top.a: $(TOP_SRC:src/%.c=build/$(1)/obj/%.o) $(TOP_HTML_C:$(GEN)/%.c=build/$(1)/obj/gen/%.o)
	@rm -f $$@; ar rcs $$@ $$^
build/$(1)/fumin: build/$(1)/obj/main.o build/$(1)/lib_top.a $(foreach r,$(filter-out $(TOP_ROOMS),$(ROOMS)),build/$(1)/lib_$(r).a) build/$(1)/lib_gen.a
	$(CC_$(1)) $(FLAGS_$(1)) $(LDFLAGS) -o $$@ -Wl,--start-group $$^ -Wl,--end-group $$(LIBS)
endef
$(foreach f,$(FLAVOURS),$(eval $(call flavour_rules,$(f))))
$(foreach f,$(FLAVOURS),$(foreach t,$(TOP_HTML_C:$(GEN)/%.c=%),$(eval build/$(f)/obj/gen/$(t).o: | $(GEN_HEADERS))))

# One library per room and flavour. A room waits only for its own generated headers (and html's),
# pages for all, so that one room can be built while another does not compile.
GEN_OF = $(filter $(GEN)/$(1)/% $(GEN)/html/%,$(GEN_HEADERS))
define room_rules
build/$(2)/obj/$(1)/%.o: src/$(1)/%.c | $(call GEN_OF,$(1)) build/$(2)/flags
	@mkdir -p $$(@D)
	$(CC_$(2)) $$(BEFORE) $(BASE_CFLAGS) $(FLAGS_$(2)) $(WARN_$(2)) $$(PKG_CFLAGS) -c -o $$@ $$<
build/$(2)/obj/$(1)/%_test.o: src/$(1)/%_test.c | $(call GEN_OF,$(1)) build/$(2)/flags
	@mkdir -p $$(@D)
	$(CC_$(2)) $(BASE_CFLAGS) $(FLAGS_$(2)) $(filter-out -Wconversion,$(WARN_$(2))) $$(PKG_CFLAGS) -c -o $$@ $$<
build/$(2)/lib_$(1).a: $(patsubst src/%.c,build/$(2)/obj/%.o,$(call ROOM_SRC,$(1))) $(if $(filter html,$(1)),$(LOW_HTML:src/%=build/$(2)/obj/gen/%.o))
	@rm -f $$@; ar rcs $$@ $$^
endef
$(foreach f,$(FLAVOURS),$(foreach r,$(ROOMS),$(eval $(call room_rules,$(r),$(f)))))
# Pages and main wait for every generated header.
$(foreach f,$(FLAVOURS),$(foreach t,$(TOP_SRC:src/%.c=%),$(eval build/$(f)/obj/$(t).o: | $(GEN_HEADERS))))
define main_rules
build/$(1)/obj/main.o: src/main.c | $(GEN_HEADERS) build/$(1)/flags
	@mkdir -p $$(@D)
	$(CC_$(1)) $(BASE_CFLAGS) $(FLAGS_$(1)) $(WARN_$(1)) $$(PKG_CFLAGS) -c -o $$@ $$<
endef
$(foreach f,$(FLAVOURS),$(eval $(call main_rules,$(f))))

# ---- tests: a room's test links that room and the rooms below it ----
lower_rooms = $(shell for r in $(ROOMS); do echo $$r; [ $$r = $(1) ] && break; done; true)
define test_rules
build/$(2)/test/$(1)_test: build/$(2)/obj/$(1)_test.o $(if $(filter $(TOP_ROOMS),$(call room_of,src/$(1).c))$(findstring _page,$(1))$(findstring _cmd,$(1)),build/$(2)/lib_top.a $(foreach r,$(filter-out $(TOP_ROOMS),$(ROOMS)),build/$(2)/lib_$(r).a),$(foreach r,$(call lower_rooms,$(call room_of,src/$(1).c)),build/$(2)/lib_$(r).a)) build/$(2)/lib_gen.a
	@mkdir -p $$(@D)
	$(CC_$(2)) $(FLAGS_$(2)) $(LDFLAGS) -o $$@ -Wl,--start-group $$^ -Wl,--end-group $$(LIBS) -lcmocka
endef
$(foreach f,asan tsan release cov clang,$(foreach t,$(UNIT_TESTS:src/%_test.c=%),$(eval $(call test_rules,$(t),$(f)))))

define whole_test_rules
build/$(2)/test/whole/$(1): build/$(2)/obj/outer/test/$(1).o build/$(2)/obj/gen/sql_all.o build/$(2)/lib_top.a $(foreach r,$(filter-out $(TOP_ROOMS),$(ROOMS)),build/$(2)/lib_$(r).a) build/$(2)/lib_gen.a
	@mkdir -p $$(@D)
	$(CC_$(2)) $(FLAGS_$(2)) $(LDFLAGS) -o $$@ -Wl,--start-group $$^ -Wl,--end-group $$(LIBS) -lcmocka
endef
$(foreach f,asan release,$(foreach t,$(WHOLE_TESTS:test/%.c=%),$(eval $(call whole_test_rules,$(t),$(f)))))

define bench_rules
build/release/bench/$(1): build/release/obj/outer/bench/$(1).o build/release/lib_top.a $(foreach r,$(filter-out $(TOP_ROOMS),$(ROOMS)),build/release/lib_$(r).a) build/release/lib_gen.a
	@mkdir -p $$(@D)
	gcc $(FLAGS_release) $(LDFLAGS) -o $$@ -Wl,--start-group $$^ -Wl,--end-group $$(LIBS)
endef
$(foreach t,$(BENCHES:bench/%.c=%),$(eval $(call bench_rules,$(t))))

define fuzz_rules
build/fuzz/$(1): src/$(1).c $(foreach r,$(call lower_rooms,$(call room_of,src/$(1).c)),build/fuzz/lib_$(r).a) build/fuzz/lib_gen.a | $(call GEN_OF,$(patsubst %/,%,$(dir $(1))))
	@mkdir -p $$(@D)
	clang-19 $(BASE_CFLAGS) $(FLAGS_fuzz) -fsanitize=fuzzer $$(PKG_CFLAGS) $(LDFLAGS) -o $$@ -Wl,--start-group $$(filter %.c %.a,$$^) -Wl,--end-group $$(LIBS)
endef
$(foreach t,$(FUZZERS:src/%.c=%),$(eval $(call fuzz_rules,$(t))))

UNIT_BIN = $(UNIT_TESTS:src/%.c=build/asan/test/%)
WHOLE_BIN = $(WHOLE_TESTS:test/%.c=build/asan/test/whole/%)
TSAN_BIN = $(patsubst src/%.c,build/tsan/test/%,$(wildcard src/db/*_test.c src/http/*_test.c src/work/*_test.c src/register/columns_test.c src/ledger/ledger_test.c src/stock/stock_race_test.c))

# ---- what people call ----
.PHONY: help run all test test-fast check check-deep bench fuzz soak install clean packages
.DEFAULT_GOAL := all

help:
	@echo 'make run              install what is missing, build, open the demo county'
	@echo 'make test             everything CI runs (formatting, static checks, unit, whole-program, browser)'
	@echo 'make all              build/release/fumin'
	@echo 'make test-ROOM        unit tests of one room under ASan and UBSan'
	@echo 'make build/asan/fumin (or tsan, cov, clang)'
	@echo 'make check            formatting, check_src, cppcheck, clang-tidy of changed files'
	@echo 'make bench | fuzz | soak | install DESTDIR= | clean'
	@echo 'Rooms: $(ROOMS)'

all: build/release/fumin

packages:
	@tools/install_packages

run: packages
	@$(MAKE) --no-print-directory -j$$(nproc) build/release/fumin
	@test/run_demo

test: packages
	@test/run_all

# Used by test/run_all, which starts PostgreSQL and sums the results up.
test-programs: $(UNIT_BIN) $(WHOLE_BIN) $(TSAN_BIN)
list-test-programs:
	@printf '%s\n' $(UNIT_BIN) $(WHOLE_BIN) $(TSAN_BIN)

define room_test_target
.PHONY: test-$(1)
test-$(1): $(filter build/asan/test/$(1)/%,$(UNIT_TESTS:src/%.c=build/asan/test/%))
	@test/run_some $$^
endef
$(foreach r,$(ROOMS),$(eval $(call room_test_target,$(r))))

# All that the host tools make, and the tools: what `make check` needs.
.PHONY: generated
generated: $(TOOL_BIN) $(GEN_HEADERS) $(HTML_C) $(GEN)/sql_all.c $(GEN)/messages.c $(GEN)/migrations.c $(GEN)/embed_files.c
check: build/tools/check_src
	@tools/check
check-deep:
	@tools/check --deep

bench: all $(BENCHES:bench/%.c=build/release/bench/%)
	@bench/run $(BENCH)
fuzz: $(FUZZERS:src/%.c=build/fuzz/%)
	@test/run_fuzz $^
soak: all
	@test/run_soak

prefix ?= /usr/local
install: all
	install -D -m 755 build/release/fumin $(DESTDIR)$(prefix)/bin/fumin
	install -D -m 644 doc/fumin.1 $(DESTDIR)$(prefix)/share/man/man1/fumin.1
	@for p in $$(find profile -name '*.csv'); do install -D -m 644 $$p $(DESTDIR)$(prefix)/share/fumin/$$p; done

clean:
	rm -rf build

-include $(wildcard build/*/obj/*.d build/*/obj/*/*.d build/*/obj/*/*/*.d build/*/obj/*/*/*/*.d)
