using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using SoftSwitch.Api;
using SoftSwitch.Api.Lists;
using SoftSwitch.Api.Views;
using SoftSwitch.Bounds;
using SoftSwitch.Errors;

namespace SoftSwitch.Cli;

/// <summary>The running switch, asked over its control socket. Every mistake becomes a <see cref="CommandException"/> with the
/// cure.</summary>
internal sealed class ControlClient : IDisposable
{
    private const int LongestAnswer = 64 << 20;
    private readonly SwitchConnector _connector;
    private readonly HttpClient _http;

    /// <param name="socket">Where to ask.</param>
    /// <param name="patience">How long one answer may take; 10 seconds when left out.</param>
    public ControlClient(SocketPath socket, TimeSpan? patience = null)
    {
        _connector = new(socket);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectCallback = (_, cancel) => _connector.Connect(cancel),
        };
        _http = new(handler)
        {
            BaseAddress = new("http://localhost/"),
            Timeout = patience ?? TimeSpan.FromSeconds(10),
            MaxResponseContentBufferSize = LongestAnswer,
        };
    }

    /// <summary>The JSON at a path such as <c>v1/ports?network=dev</c>.</summary>
    public Task<string> Text(string pathAndQuery, CancellationToken cancel) => Ask(HttpMethod.Get, pathAndQuery, cancel);

    /// <summary>Has something done, and gives the JSON that is the answer.</summary>
    /// <param name="method">What is to be done at the path.</param>
    /// <param name="body">What is said about it; null: nothing.</param>
    /// <param name="type">The media type of that.</param>
    public async Task<string> Send(
        HttpMethod method, string pathAndQuery, string? body, string type, CancellationToken cancel)
    {
        using var content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, type);
        return await Ask(method, pathAndQuery, cancel, content);
    }

    /// <summary>An answer that goes on: it is read as it comes.</summary>
    /// <param name="pathAndQuery">Such as <c>v1/events</c>.</param>
    /// <param name="read">Reads it to its end.</param>
    /// <param name="lastId">The last event that was read; null: none.</param>
    /// <param name="cancel">Ends it.</param>
    public Task Stream(string pathAndQuery, Func<Stream, Task> read, string? lastId, CancellationToken cancel) => Guarded(async () =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, pathAndQuery);
        if (lastId is not null)
            request.Headers.Add(EventStream.LastId, lastId);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        if (!response.IsSuccessStatusCode)
            throw Refused((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancel));
        await read(await response.Content.ReadAsStreamAsync(cancel));
        return 0;
    }, cancel);

    private Task<string> Ask(
        HttpMethod method, string pathAndQuery, CancellationToken cancel, HttpContent? content = null) => Guarded(async () =>
    {
        using var request = new HttpRequestMessage(method, pathAndQuery) { Content = content };
        // A command changes whatever is there: a person has seen it at most.
        if (method == HttpMethod.Patch)
            request.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        using var response = await _http.SendAsync(request, cancel);
        var text = await response.Content.ReadAsStringAsync(cancel);
        return response.IsSuccessStatusCode ? text : throw Refused((int)response.StatusCode, text);
    }, cancel);

    /// <summary>What goes wrong between us and the switch, in words.</summary>
    private async Task<T> Guarded<T>(Func<Task<T>> ask, CancellationToken cancel)
    {
        try
        {
            return await ask();
        }
        catch (HttpRequestException e) when (e.InnerException is CommandException known)
        {
            throw known;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new CommandException(ExitStatus.Failed, $"the switch on {_connector.Path} does not answer in time") { MayPass = true };
        }
        catch (HttpRequestException e) when (e.InnerException is IOException and not HttpIOException
        {
            HttpRequestError: not HttpRequestError.ResponseEnded,
        })
        {
            throw new CommandException(ExitStatus.Failed, $"the switch on {_connector.Path} was restarted or has ended before it answered: "
                + "what was asked may be done or not; look, and ask again")
            { MayPass = true };
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new CommandException(ExitStatus.Failed,
                $"{_connector.Path} does not answer as a softswitch does; if the switch there was killed, start it again: {e.Message}")
            { MayPass = true };
        }
    }

    /// <summary>An answer that is one object.</summary>
    public JsonElement One(IApiObject kind, string text)
    {
        using var document = Parse(text);
        return kind.Fits(document.RootElement) ? document.RootElement.Clone() : throw OtherVersion();
    }

    /// <summary>All items of a list, page by page; each is there until the next is asked for.</summary>
    /// <param name="list">Which.</param>
    /// <param name="query">Filters such as <c>network=dev</c>, or empty.</param>
    public async IAsyncEnumerable<JsonElement> Items(IApiList list, string query, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var page in Pages(list, query, cancel))
        {
            foreach (var item in page.EnumerateArray())
                yield return list.Item.Fits(item) ? item : throw OtherVersion();
        }
    }

    /// <summary>The items of each page of a list, as they came.</summary>
    public async IAsyncEnumerable<JsonElement> Pages(IApiList list, string query, [EnumeratorCancellation] CancellationToken cancel)
    {
        string? cursor = null;
        do
        {
            using var page = Parse(await Text(PageAddress($"v1/{list.Name}", query, cursor), cancel));
            if (page.RootElement is not { ValueKind: JsonValueKind.Object } root
                || !root.TryGetProperty("items", out var items) || items.ValueKind != JsonValueKind.Array)
                throw OtherVersion();
            yield return items;
            cursor = root.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
    }

    public void Dispose() => _http.Dispose();

    private static string PageAddress(string path, string query, string? cursor)
    {
        var address = $"{path}?limit={ProgramLimits.Page.Most}";
        if (query.Length > 0)
            address += "&" + query;
        return cursor is null ? address : $"{address}&cursor={Uri.EscapeDataString(cursor)}";
    }

    private JsonDocument Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            throw OtherVersion();
        }
    }

    private CommandException OtherVersion() =>
        new(ExitStatus.Failed, $"the switch on {_connector.Path} answers in a form this command does not know: it is another version; "
            + "start the switch anew, or use --json");

    private CommandException Refused(int status, string text)
    {
        string detail;
        string[] each = [];
        try
        {
            using var problem = JsonDocument.Parse(text);
            var fits = ProblemView.Members.Fits(problem.RootElement);
            detail = fits ? problem.RootElement.GetProperty("detail").GetString()! : $"status {status}";
            if (fits && problem.RootElement.TryGetProperty("errors", out var errors))
                each = [.. errors.EnumerateArray().Select(error => error.GetString()!)];
        }
        catch (JsonException)
        {
            detail = $"the switch on {_connector.Path} answers with status {status}";
        }
        return new(status is 400 or 404 or 422 ? ExitStatus.Mistake : ExitStatus.Failed, detail) { Each = each };
    }
}
