namespace SoftSwitch.SystemTests.Peers;

/// <summary>
/// Records whole frames that come in on an interface inside a namespace (tcpdump), for <see cref="Tshark"/> to judge.
/// Frames have to be looked at where they are final: on a veth whose other end has its offloads off
/// (<see cref="NetNs.OffloadsOff"/>), or else half-made checksums and super-frames, which are right inside a kernel, look wrong.
/// </summary>
public sealed class Capture : IDisposable
{
    private readonly BackgroundProcess _tcpdump;

    /// <summary>Starts, and returns when it listens.</summary>
    /// <param name="direction">"in" (what the interface receives), "out" or "inout".</param>
    /// <param name="filter">A filter in tcpdump's words, separated by blanks.</param>
    /// <param name="bytes">How much of each frame; 0: all of it. Less is enough for addresses, and holds more frames.</param>
    public Capture(NetNs ns, string interfaceName, string direction = "in", string filter = "", int bytes = 0)
    {
        Need.Tool("tcpdump");
        Need.RealRoot("tcpdump, which gives up its groups");
        File = TemporaryFolder.NewPath(".pcap");
        _tcpdump = ns.Start("tcpdump",
        [
            "-i", interfaceName, "-Q", direction, "-s", $"{bytes}", "-B", "131072", "-U", "-n", "-Z", "root", "-w", File,
            .. filter.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        ]);
        _tcpdump.WaitForLine(line => line.Contains("listening on"));
    }

    /// <summary>The record.</summary>
    public string File { get; }

    /// <summary>Ends it, with everything received until now in the file, and fails the test if frames were missed.</summary>
    public string Stop()
    {
        if (_tcpdump.IsRunning)
        {
            // tcpdump reads in blocks, which the kernel hands over when they are full or a second old.
            Thread.Sleep(1200);
            _tcpdump.Signal("INT");
            _tcpdump.WaitForExit();
        }
        var missed = _tcpdump.WaitForLine(line => line.Contains("dropped by kernel"));
        if (!missed.StartsWith("0 ", StringComparison.Ordinal)) Assert.Fail($"tcpdump missed frames: {missed}");
        return File;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tcpdump.Dispose();
        System.IO.File.Delete(File);
    }
}
