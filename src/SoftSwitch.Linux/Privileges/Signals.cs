using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Privileges;

/// <summary>Signals that the runtime has no name for.</summary>
public static class Signals
{
    /// <summary>Says to a switch: have the program that is installed go on.</summary>
    public static PosixSignal Upgrade => (PosixSignal)SysProcess.SIGUSR2;
}
