using SoftSwitch.Linux.Namespaces;

namespace SoftSwitch.Tests.Linux;

public sealed class ProcessPathTests
{
    [Theory]
    [InlineData("/proc/1/ns/net", "/proc/1")]
    [InlineData("/proc//1/./ns/net", "/proc/1")]
    [InlineData("/proc/1/task/1/ns/net", "/proc/1", "/proc/1/task/1")]
    [InlineData("/proc/1/fd/5", "/proc/1")]
    [InlineData("/proc/1/../4194304/ns/net", "/proc/1", "/proc/4194304")]
    [InlineData("/etc/../proc/4194304/ns/net", "/proc/4194304")]
    [InlineData("/proc/sys/net/ipv4")]
    [InlineData("/run/netns/812")]
    [InlineData("/nowhere/812/ns/net")]
    public void A_path_leads_by_the_processes_in_it(string path, params string[] processes)
    {
        Assert.Equal(processes, ProcessPath.Find(path, out var byLink));
        Assert.False(byLink);
    }

    [Fact]
    public void This_process_is_one()
    {
        Assert.Equal([$"/proc/{Environment.ProcessId}"], ProcessPath.Find("/proc/self/fd/0", out var byLink));
        Assert.False(byLink);
        Assert.StartsWith($"/proc/{Environment.ProcessId}/task/", ProcessPath.Find("/proc/thread-self/ns/net", out byLink)[^1]);
        Assert.False(byLink);
    }

    [Fact]
    public void A_link_leads_there_as_well_and_may_lead_elsewhere_one_day()
    {
        var folder = Directory.CreateTempSubdirectory("ss").FullName;
        try
        {
            var (link, circle) = (Path.Combine(folder, "link"), Path.Combine(folder, "circle"));
            File.CreateSymbolicLink(link, "/proc/1/ns/net");
            File.CreateSymbolicLink(circle, "circle");
            File.CreateSymbolicLink(Path.Combine(folder, "proc"), "/proc");
            Assert.Equal(["/proc/1"], ProcessPath.Find(link, out var byLink));
            Assert.True(byLink);
            Assert.Equal(["/proc/1"], ProcessPath.Find($"{folder}/proc/1/ns/net", out byLink));
            Assert.True(byLink);
            Assert.Empty(ProcessPath.Find(circle, out _));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
