// File: cli/help_text.h
//
// The parts of --help that teach.
#pragma once

#include "common/client_kind.h"

namespace mcpgate::hosts {

extern const char kAboutProgram[];
extern const char kMoreProgram[];
extern const char kAboutKeysCreate[];
extern const char kMoreKeysCreate[];
extern const char kMoreKeysRevoke[];
extern const char kMoreKeysUpdate[];
extern const char kMoreKeysRotate[];
extern const char kMoreKeysImport[];
extern const char kMorePrincipals[];
extern const char kMoreToken[];
extern const char kMoreExplain[];
extern const char kAboutLimits[];
extern const char kMoreLimits[];
extern const char kMoreNotices[];
extern const char kAboutUsage[];
extern const char kMoreUsage[];
extern const char kAboutCollect[];
extern const char kMoreCollect[];
extern const char kMoreAuditTail[];
extern const char kMoreAuditList[];
extern const char kMoreAuditSearch[];
extern const char kAboutAuditVerify[];
extern const char kMoreAuditVerify[];
extern const char kMoreAuditCheckpoint[];
extern const char kMoreAuditExport[];
const char* SetupAbout(Client client);
const char* SetupMore(Client client);
extern const char kAboutDoctor[];
extern const char kMoreDoctor[];
extern const char kAboutSelftest[];
extern const char kMoreSelftest[];
extern const char kAboutCompletion[];
extern const char kMoreCompletion[];
extern const char kAboutSandbox[];
extern const char kMoreSandbox[];

}  // namespace mcpgate::hosts
