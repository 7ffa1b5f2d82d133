namespace SoftSwitch.Linux.Interop;

/// <summary>linux/sched.h, the flags of clone(2), unshare(2) and setns(2), and linux/nsfs.h.</summary>
internal static class Sched
{
    internal const int CLONE_NEWUSER = 0x10000000;
    internal const int CLONE_NEWNET = 0x40000000;

    internal const uint NS_GET_NSTYPE = 0xb703;
}
