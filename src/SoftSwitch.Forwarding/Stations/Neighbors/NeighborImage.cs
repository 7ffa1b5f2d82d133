using System.Runtime.InteropServices;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>A neighbor as it is left to the program that goes on.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Age">Milliseconds since that was confirmed.</param>
/// <param name="Mac">Its MAC.</param>
/// <param name="Former">Who had the address before and lost it; 0: nobody.</param>
/// <param name="LostAge">Milliseconds since that.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct NeighborImage(uint Address, uint Age, ulong Mac, ulong Former, uint LostAge);
