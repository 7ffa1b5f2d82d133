using System.Runtime.Versioning;
using Xunit.Sdk;
using Xunit.v3;

// Two cores, real kernels and real guests: one test at a time, or they'd judge each other's load.
[assembly: Parallelization(Mode = ParallelMode.None)]

[assembly: SupportedOSPlatform("linux")]
