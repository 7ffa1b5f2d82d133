using System.Runtime.InteropServices;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>A flow as it is left to the program that goes on.</summary>
/// <param name="Flow">All that is known of it; its version means nothing.</param>
/// <param name="Owner">Whom it counts for, by the numbers of the program that wrote it.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct FlowImage(Flow Flow, ulong Owner);
