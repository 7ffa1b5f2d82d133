using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Output;

/// <summary>
/// Standard output and standard error as they were given to this program, closed ones included.
/// <para>
/// A closed one (<c>2>&amp;-</c>) is a trap: the kernel gives its number away next, to a tap perhaps, and what is meant for people would be
/// written there. So the program begins with <see cref="Keep"/>, which puts /dev/null in the place. Where the runtime was faster, the
/// descriptor there closes on exec, as none that came by exec can: it is the runtime's, is left alone and never written to.
/// </para>
/// </summary>
public static class StandardStreams
{
    private const int OutputNumber = 1;
    private const int ErrorNumber = 2;

    public static OutputDescriptor Output { get; private set; } = new(OutputNumber);

    public static OutputDescriptor Error { get; private set; } = new(ErrorNumber);

    /// <summary>Holds the numbers of the three, and makes sure that no write to them ends the program.</summary>
    public static void Keep()
    {
        IgnoredSignals.IgnoreDeadly();
        // Looked at before the places are filled.
        (Output, Error) = (Given(OutputNumber), Given(ErrorNumber));
        for (var number = 0; number <= ErrorNumber; number++)
        {
            // The lowest free number is taken, and those below are not free any more. Programs that we start are to have it too.
            if (Libc.fcntl(number, Fcntl.F_GETFD, 0) < 0)
                _ = Libc.open("/dev/null", Fcntl.O_RDWR);
        }
    }

    private static OutputDescriptor Given(int number) =>
        Libc.fcntl(number, Fcntl.F_GETFD, 0) is var flags and >= 0 && (flags & Fcntl.FD_CLOEXEC) == 0
            ? new(number)
            : OutputDescriptor.Closed;
}
