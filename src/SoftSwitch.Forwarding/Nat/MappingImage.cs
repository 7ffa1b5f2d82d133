using System.Runtime.InteropServices;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>An outside port's use as it is left to the program that goes on.</summary>
/// <param name="Inside">The inside end, as <see cref="MappingTable.Key"/> has it.</param>
/// <param name="Port">The outside port.</param>
/// <param name="Owner">The port of the network that it counts for.</param>
/// <param name="Kind">What it is used for.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct MappingImage(ulong Inside, ushort Port, ushort Owner, MappingKind Kind);
