using System.Runtime.Versioning;
using SoftSwitch.SystemTests.Peers;
using Xunit.Sdk;
using Xunit.v3;

// A test here mostly waits: for a program's start, for a timer, for an answer that must not come. So the tests of four classes run side by
// side, each with namespaces, sockets and files of its own; those of one class come one after the other. The classes of AloneOnTheMachine
// come after all others, one test at a time: what is asked there would be answered by the load of another test.
[assembly: Parallelization(Mode = ParallelMode.Collections, MaxThreads = 4)]

// One that fails says what its switches said.
[assembly: TellsEvidence]

[assembly: SupportedOSPlatform("linux")]
