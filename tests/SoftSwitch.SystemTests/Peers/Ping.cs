namespace SoftSwitch.SystemTests.Peers;

/// <summary>ping, the namespaces' iputils and the guests' busybox alike.</summary>
public static class Ping
{
    /// <summary>Some echo requests; true if at least one was answered.</summary>
    public static bool Reaches(IStation from, string address, int count = 3, int bytes = 56)
    {
        var family = address.Contains(':') ? "-6 " : "";
        return from.Run($"ping {family}-c {count} -s {bytes} -i 0.2 -W 1 {address}").ExitStatus == 0;
    }

    /// <summary>Echo requests until one is answered (a guest's interface, the first ARP), for at most <paramref name="seconds"/>.</summary>
    public static void Wait(IStation from, string address, int seconds = 15)
    {
        for (var i = 0; i < seconds; i++)
            if (Reaches(from, address, 1)) return;
        Assert.Fail($"{address} did not answer a ping within {seconds} s");
    }
}
