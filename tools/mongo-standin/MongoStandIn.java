import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.AbstractUniqueIndex;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Collection;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.bson.BsonDecoder;
import de.bwaldvogel.mongo.wire.bson.BsonEncoder;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/**
 * A server that speaks MongoDB's protocol, for development and tests where no mongod can be had.
 * Run as one source file: {@code java -Xmx512m -cp 'lib/*' MongoStandIn.java FILE PORT}.
 *
 * <p>Durable: a command that writes is answered only after its change is committed and synced to FILE. One commit
 * serves all replies that wait for one (group commit). No authentication, so it listens on 127.0.0.1 alone. It has no
 * transactions, sessions or change streams. Its indexes serve equality and {@code $in} on their first keys, then one range or sort;
 * all other queries scan: never take it for production.
 */
public final class MongoStandIn {
  private static final String NAME = "mongo-java-server 1.47.0 (H2)";
  /** The oldest version that the driver accepts is wire version 8; 13 is that of MongoDB 5.0. */
  private static final int WIRE_VERSION = 13;

  private static final int CACHE_MEGABYTES = 96;
  /** A document that changes is written with its whole page. */
  private static final int PAGE_BYTES = 4096;

  private MongoStandIn() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 2) {
      System.err.println("usage: MongoStandIn FILE PORT");
      System.exit(2);
    }
    Path file = Path.of(arguments[0]).toAbsolutePath();
    Files.createDirectories(file.getParent());
    MVStore store =
        new MVStore.Builder()
            .fileName(file.toString())
            .autoCommitDisabled()
            .cacheSize(CACHE_MEGABYTES)
            .pageSplitSize(PAGE_BYTES)
            .open();
    store.setRetentionTime(0);
    store.setVersionsToKeep(0);
    Documents.convertOlder(store);
    DurableBackend backend = new DurableBackend(store);
    backend.version(new StandInVersion());
    MongoServer server = new MongoServer(backend);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      server.shutdownNow(); // closes the backend and with it the store, which commits
    }));
    server.bind("127.0.0.1", Integer.parseInt(arguments[1]));
    System.out.println(NAME + " listens on 127.0.0.1:" + arguments[1]);
  }

  private record StandInVersion() implements MongoVersion {
    @Override
    public List<Integer> getVersionArray() {
      return List.of(5, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return WIRE_VERSION;
    }
  }

  private static final class DurableBackend extends H2Backend {
    private static final Set<String> WRITES =
        Set.of("insert", "update", "delete", "findandmodify", "create", "createindexes", "drop", "dropdatabase",
            "dropindexes", "renamecollection");
    private static final int COMMITS_PER_COMPACTION = 500;
    private static final int TARGET_FILL_PERCENT = 80;
    private static final int COMPACTION_BYTES = 16 * 1024 * 1024;

    private final MVStore store;
    /**
     * Commands share it; a commit takes it alone, so that no half-applied command is ever committed and none reads what a
     * compaction has just given away.
     */
    private final ReadWriteLock applying = new ReentrantReadWriteLock(true);
    private final AtomicLong applied = new AtomicLong();
    private final Object committing = new Object();
    private long durable;
    private long commits;

    DurableBackend(MVStore store) {
      super(store);
      this.store = store;
      compact();
    }

    /** Called by the constructor above as well, where no field of this class is set yet. */
    @Override
    protected MongoDatabase openOrCreateDatabase(String name) {
      return new IndexingDatabase(name);
    }

    @Override
    public Document handleMessage(MongoMessage message) {
      String command = message.getDocument().keySet().iterator().next().toLowerCase();
      Document reply;
      long ticket = 0;
      applying.readLock().lock();
      try {
        reply = super.handleMessage(message);
        if (WRITES.contains(command)) {
          ticket = applied.incrementAndGet();
        }
      } finally {
        applying.readLock().unlock();
      }
      if (ticket > 0) {
        awaitDurable(ticket);
      } else if (command.equals("buildinfo")) {
        reply.put("standIn", NAME);
      }
      return reply;
    }

    private void awaitDurable(long ticket) {
      synchronized (committing) {
        if (durable >= ticket) {
          return; // the commit of another command covered this one
        }
        long covered;
        applying.writeLock().lock();
        try {
          covered = applied.get();
          store.commit();
          commits += 1;
          if (commits % COMMITS_PER_COMPACTION == 0) {
            compact();
          }
        } finally {
          applying.writeLock().unlock();
        }
        store.sync();
        durable = covered;
      }
    }

    /** Without it the file grows without end, since every commit writes new chunks. */
    private void compact() {
      store.compact(TARGET_FILL_PERCENT, COMPACTION_BYTES);
    }

    /** Belongs to the backend because its own constructor opens collections already, where no field of it is set. */
    private final class IndexingDatabase extends H2Database {
      IndexingDatabase(String name) {
        super(name, getMvStore(), getCursorRegistry());
      }

      /** The names of the maps are the library's, which looks for them when it drops a collection. */
      @Override
      protected MongoCollection<Object> openOrCreateCollection(String collection, CollectionOptions options) {
        String namespace = getFullCollectionNamespace(collection);
        MVMap<Object, Document> documents = Documents.open(getMvStore(), Documents.PREFIX + namespace);
        MVMap<String, Object> meta = getMvStore().openMap("meta." + namespace);
        return new IndexedCollection(this, collection, options, documents, meta, getCursorRegistry());
      }

      @Override
      protected Index<Object> openOrCreateUniqueIndex(
          String collection, String index, List<IndexKey> keys, boolean sparse) {
        return new UniqueIndex(index, keys, sparse);
      }
    }
  }

  /** How documents lie in the file: as BSON. Its Java objects took the library twice the processor time for the same writes. */
  private static final class Documents extends BasicDataType<Document> {
    static final String PREFIX = "databases.";
    private static final String FORMAT = "format";
    private static final String INDEX = "._index_";
    /** A guess: only how much is cached and how many share a page depend on it. */
    private static final int DOCUMENT_BYTES = 700;

    static MVMap<Object, Document> open(MVStore store, String name) {
      return store.openMap(name, new MVMap.Builder<Object, Document>().valueType(new Documents()));
    }

    /** Files of earlier versions hold Java objects, and indexes of which nothing is kept any more. */
    static void convertOlder(MVStore store) {
      if (!store.hasMap(FORMAT)) {
        for (String name : Set.copyOf(store.getMapNames())) {
          if (name.contains(INDEX)) {
            store.removeMap(name);
          } else if (name.startsWith(PREFIX)) {
            Map<Object, Document> documents = new LinkedHashMap<>(store.<Object, Document>openMap(name));
            store.removeMap(name);
            open(store, name).putAll(documents);
          }
        }
        store.openMap(FORMAT).put("documents", "bson");
        store.commit();
      }
    }

    @Override
    public int getMemory(Document document) {
      return DOCUMENT_BYTES;
    }

    @Override
    public void write(WriteBuffer target, Document document) {
      ByteBuf encoded = Unpooled.buffer(DOCUMENT_BYTES);
      BsonEncoder.encodeDocument(document, encoded);
      target.putVarInt(encoded.readableBytes());
      target.put(encoded.nioBuffer());
    }

    @Override
    public Document read(ByteBuffer source) {
      byte[] encoded = new byte[DataUtils.readVarInt(source)];
      source.get(encoded);
      return BsonDecoder.decodeBson(Unpooled.wrappedBuffer(encoded));
    }

    @Override
    public Document[] createStorage(int size) {
      return new Document[size];
    }
  }

  /** In memory: the library fills an empty one from the documents when it opens a collection. */
  private static final class UniqueIndex extends AbstractUniqueIndex<Object> {
    /** Not by hash: numbers of many rooms share too few. */
    private final Map<KeyValue, Object> positions = new TreeMap<>(UniqueIndex::compare);

    UniqueIndex(String name, List<IndexKey> keys, boolean sparse) {
      super(name, keys, sparse);
    }

    private static int compare(KeyValue left, KeyValue right) {
      int order = 0;
      for (int at = 0; order == 0 && at < left.size(); at += 1) {
        order = ValueComparator.asc().compare(left.get(at), right.get(at));
      }
      return order;
    }

    @Override
    protected Object removeDocument(KeyValue key) {
      return positions.remove(key);
    }

    @Override
    protected boolean putKeyPosition(KeyValue key, Object position) {
      return positions.putIfAbsent(key, Missing.ofNullable(position)) == null;
    }

    @Override
    protected Iterable<Map.Entry<KeyValue, Object>> getIterable() {
      return positions.entrySet();
    }

    @Override
    protected Object getPosition(KeyValue key) {
      return positions.get(key);
    }

    @Override
    public long getCount() {
      return positions.size();
    }

    @Override
    public long getDataSize() {
      return positions.size();
    }
  }

  /** A collection that answers queries by its declared indexes, unique or not; the library has only exact unique keys. */
  private static final class IndexedCollection extends H2Collection {
    private final List<OrderedKeys> ordered = new ArrayList<>();

    IndexedCollection(
        MongoDatabase database, String name, CollectionOptions options, MVMap<Object, Document> documents,
        MVMap<String, Object> meta, CursorRegistry cursors) {
      super(database, name, options, documents, meta, cursors);
    }

    @Override
    public void addIndex(Index<Object> index) {
      super.addIndex(index);
      if (ordered.stream().noneMatch(keys -> keys.name.equals(index.getName()))) {
        OrderedKeys keys = new OrderedKeys(index);
        streamAllDocumentsWithPosition().forEach(found -> keys.add(found.getDocument(), found.getPosition()));
        ordered.add(keys);
      }
    }

    @Override
    public void dropIndex(String name) {
      super.dropIndex(name);
      ordered.removeIf(keys -> keys.name.equals(name));
    }

    @Override
    protected Object addDocumentInternal(Document document) {
      Object position = super.addDocumentInternal(document);
      ordered.forEach(keys -> keys.add(document, position));
      return position;
    }

    @Override
    protected void removeDocument(Object position) {
      Document document = getDocument(position);
      super.removeDocument(position);
      ordered.forEach(keys -> keys.remove(document, position));
    }

    @Override
    protected void handleUpdate(Object position, Document before, Document after) {
      super.handleUpdate(position, before, after);
      ordered.forEach(keys -> keys.replace(before, after, position));
    }

    @Override
    protected QueryResult queryDocuments(
        Document query, Document orderBy, int skip, int limit, int batchSize, Document fields) {
      Scan best = null;
      for (OrderedKeys keys : ordered) {
        Scan scan = keys.scanOf(query);
        if (scan != null && (best == null || scan.fixed() > best.fixed())) {
          best = scan;
        }
      }
      if (best == null) {
        return super.queryDocuments(query, orderBy, skip, limit, batchSize, fields);
      }
      if (best.sorts(orderBy)) {
        Stream<Document> sorted = best.positions(isDescending(orderBy)).map(this::getDocument);
        return matchDocumentsFromStream(query, sorted, skip, limit, batchSize, null, fields);
      }
      Stream<Document> found = best.positions(false).map(this::getDocument);
      return matchDocumentsFromStream(found, query, orderBy, skip, limit, batchSize, fields);
    }

    private static boolean isDescending(Document orderBy) {
      return orderBy.values().iterator().next() instanceof Number direction && direction.intValue() < 0;
    }
  }

  /**
   * The keys of one index in their order, in memory: built when the index is opened, kept with each write. Where a document has an
   * array or none of the first key it holds nothing of use, and says so or leaves it out.
   */
  private static final class OrderedKeys {
    private static final Set<String> RANGES = Set.of("$gt", "$gte", "$lt", "$lte");
    private static final String ANY_OF = "$in";
    private static final Object END = new Object();
    private static final Comparator<Object> VALUES = ValueComparator.asc();

    final String name;
    final List<String> fields;
    private final TreeMap<List<Object>, Object> positions = new TreeMap<>(OrderedKeys::compare);
    private boolean hasArrays;

    OrderedKeys(Index<Object> index) {
      name = index.getName();
      fields = index.getKeys().stream().map(IndexKey::getKey).toList();
    }

    void add(Document document, Object position) {
      List<Object> key = keyOf(document, position);
      hasArrays = hasArrays || key.stream().anyMatch(Collection.class::isInstance);
      if (key.get(0) != null) {
        positions.put(key, position);
      }
    }

    void remove(Document document, Object position) {
      positions.remove(keyOf(document, position));
    }

    void replace(Document before, Document after, Object position) {
      if (compare(keyOf(before, position), keyOf(after, position)) != 0) {
        remove(before, position);
        add(after, position);
      }
    }

    /** What of this index a query needs; null where it says nothing of the first key that an index could look up. */
    Scan scanOf(Document query) {
      if (hasArrays) {
        return null;
      }
      List<List<Object>> prefixes = List.of(List.of());
      int fixed = 0;
      for (String field : fields) {
        List<Object> values = valuesOf(query.get(field));
        if (values == null || (values.size() > 1 && prefixes.size() > 1)) {
          break;
        }
        prefixes = prefixes.stream().flatMap(prefix -> values.stream().map(value -> with(prefix, value))).toList();
        fixed += 1;
      }
      Document range = fixed < fields.size() ? rangeOf(query.get(fields.get(fixed))) : null;
      return fixed == 0 && range == null ? null : new Scan(this, prefixes, fixed, range);
    }

    NavigableMap<List<Object>, Object> between(List<Object> prefix, Document range) {
      Object low = boundOf(range, "$gt", "$gte");
      Object high = boundOf(range, "$lt", "$lte");
      List<Object> from = low == null ? prefix : with(prefix, low);
      List<Object> to = with(high == null ? prefix : with(prefix, high), END);
      return compare(from, to) > 0 ? Collections.emptyNavigableMap() : positions.subMap(from, true, to, true);
    }

    private List<Object> keyOf(Document document, Object position) {
      List<Object> key = new ArrayList<>();
      for (String field : fields) {
        Object value = Utils.getSubdocumentValue(document, field);
        key.add(Missing.isNullOrMissing(value) ? null : value);
      }
      key.add(position);
      return key;
    }

    /** A shorter key is before all that it begins, {@link #END} after them. */
    private static int compare(List<Object> left, List<Object> right) {
      for (int at = 0; at < Math.min(left.size(), right.size()); at += 1) {
        Object one = left.get(at);
        Object other = right.get(at);
        if (one == END || other == END) {
          return Boolean.compare(one == END, other == END);
        }
        int order = VALUES.compare(one, other);
        if (order != 0) {
          return order;
        }
      }
      return Integer.compare(left.size(), right.size());
    }

    private static List<Object> valuesOf(Object asked) {
      if (isPlain(asked)) {
        return List.of(asked);
      }
      if (!(asked instanceof Document operators) || !operators.keySet().equals(Set.of(ANY_OF))) {
        return null;
      }
      if (!(operators.get(ANY_OF) instanceof Collection<?> values)) {
        return null;
      }
      return values.stream().allMatch(OrderedKeys::isPlain) ? List.copyOf(values) : null;
    }

    private static Document rangeOf(Object asked) {
      if (!(asked instanceof Document operators) || operators.isEmpty()) {
        return null;
      }
      boolean bounds = RANGES.containsAll(operators.keySet()) && operators.values().stream().allMatch(OrderedKeys::isPlain);
      return bounds ? operators : null;
    }

    private static Object boundOf(Document range, String exclusive, String inclusive) {
      return range == null ? null : range.getOrDefault(exclusive, range.get(inclusive));
    }

    private static boolean isPlain(Object value) {
      return value instanceof String || value instanceof Number || value instanceof Instant;
    }

    private static List<Object> with(List<Object> prefix, Object value) {
      List<Object> longer = new ArrayList<>(prefix);
      longer.add(value);
      return longer;
    }
  }

  /** The part of an index that one query needs: each prefix of equal values, and a range of the key behind it. */
  private record Scan(OrderedKeys keys, List<List<Object>> prefixes, int fixed, Document range) {
    boolean sorts(Document orderBy) {
      return prefixes.size() == 1 && fixed < keys.fields.size() && orderBy != null
          && List.copyOf(orderBy.keySet()).equals(List.of(keys.fields.get(fixed)));
    }

    /** More than the query asks for: the collection filters them by the whole of it. */
    Stream<Object> positions(boolean descending) {
      return prefixes.stream().flatMap(prefix -> {
        NavigableMap<List<Object>, Object> part = keys.between(prefix, range);
        return (descending ? part.descendingMap() : part).values().stream();
      }).distinct(); // $in may name a value twice, also as numbers of different types
    }
  }
}
