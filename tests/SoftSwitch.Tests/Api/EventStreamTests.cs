using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using SoftSwitch.Bounds;
using SoftSwitch.Model;
using SoftSwitch.State;

namespace SoftSwitch.Tests.Api;

/// <summary>Events as a reader gets them who knows nothing of ours.</summary>
public class EventStreamTests
{
    private readonly SampleSwitch _sample = new();
    private SwitchModel? _model;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reader_gets_what_happens_and_who_comes_back_what_he_has_missed()
    {
        await using var api = await ApiFixture.Start(look: Look);
        string? id;
        await using (var reader = await Reader.Of(api, "v1/events?topic=config"))
        {
            Change();
            var first = await reader.Next(Cancel);
            Assert.Equal("config", first.EventType);
            Assert.Equal("changed", (string)JsonNode.Parse(first.Data)!["change"]!);
            id = first.EventId;
        }
        await using var other = await Reader.Of(api, "v1/events?topic=config");
        Change();
        await other.Next(Cancel);
        await using var again = await Reader.Of(api, "v1/events?topic=config", id);
        Assert.Equal("config", (await again.Next(Cancel)).EventType);
    }

    [Fact]
    public async Task Who_comes_back_to_another_switch_is_told_that_something_may_be_lost()
    {
        await using var api = await ApiFixture.Start(look: Look);
        await using var reader = await Reader.Of(api, "v1/events", "77-12");
        Assert.Equal("lost", (await reader.Next(Cancel)).EventType);
    }

    [Theory]
    [InlineData("v1/events?topic=weather", "there is no topic 'weather'")]
    [InlineData("v1/events?colour=red", "unknown parameter 'colour'")]
    public async Task An_unknown_wish_is_refused(string path, string says)
    {
        await using var api = await ApiFixture.Start(look: Look);
        using var refused = await api.Http.GetAsync(path, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.StartsWith(says, (string)JsonNode.Parse(await refused.Content.ReadAsStringAsync(Cancel))!["detail"]!);
    }

    [Fact]
    public async Task A_user_may_have_so_many_readers_and_the_oldest_gives_way()
    {
        await using var api = await ApiFixture.Start(look: Look);
        var most = Environment.IsPrivilegedProcess ? ProgramLimits.EventReaders.Most : ProgramLimits.EventReadersOfUser.Most;
        List<Reader> readers = [];
        for (var i = 0; i <= most; i++)
            readers.Add(await Reader.Of(api, "v1/events"));
        await Assert.ThrowsAnyAsync<IOException>(async () => await readers[0].Next(Cancel));
        foreach (var reader in readers)
            await reader.DisposeAsync();
    }

    [Fact]
    public async Task The_end_of_the_switch_ends_them()
    {
        var api = await ApiFixture.Start(look: Look);
        await using var reader = await Reader.Of(api, "v1/events");
        var end = api.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(async () => await reader.Next(Cancel));
        await end;
    }

    private SwitchSnapshot Look()
    {
        var snapshot = _sample.Look();
        return Volatile.Read(ref _model) is { } model ? snapshot with { Model = model } : snapshot;
    }

    private void Change() => Volatile.Write(ref _model, _sample.Model with { Workers = (_model?.Workers ?? 1) + 1 });

    private sealed class Reader : IAsyncDisposable
    {
        private readonly HttpResponseMessage _response;
        private readonly IAsyncEnumerator<SseItem<string>> _events;

        private Reader(HttpResponseMessage response, Stream stream) =>
            (_response, _events) = (response, SseParser.Create(stream).EnumerateAsync().GetAsyncEnumerator());

        public static async Task<Reader> Of(ApiFixture api, string path, string? lastId = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (lastId is not null)
                request.Headers.Add("Last-Event-ID", lastId);
            var response = await api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
            // The first look is over when the next one has been taken.
            await Task.Delay(100, Cancel);
            return new(response, await response.Content.ReadAsStreamAsync(Cancel));
        }

        /// <summary>The next one; an exception: there is none any more.</summary>
        public async Task<SseItem<string>> Next(CancellationToken cancel) =>
            await _events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), cancel)
                ? _events.Current : throw new EndOfStreamException();

        public ValueTask DisposeAsync()
        {
            _response.Dispose();
            return default;
        }
    }
}
