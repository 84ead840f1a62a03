#pragma once
// What each clause and machine of an agreement reads to come to its verdicts: the order of evaluation
// follows from it, and so does who may see them (a verdict tells of what it rests on). Pure.
#include <map>
#include <set>
#include <string>

#include "plan/agreement.h"

namespace surety::duty {

// Clauses are "c:<id>", machines "m:<name>". Among what a clause rests on are the clauses whose breach
// triggers it, those that prevail over it, and those that give power to suspend it.
using Reads = std::set<std::string>;
std::map<std::string, Reads> rests_on(const plan::Agreement& a);
void reads(const plan::Condition& condition, Reads& out);

}  // namespace surety::duty
